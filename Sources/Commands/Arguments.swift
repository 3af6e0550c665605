/// Brings kube-proxy's command lines into the form that the parser takes.
enum Arguments {
  /// The command if the command line names none.
  static let defaultCommand = "run"

  /// Flags with a boolean value, which may stand alone.
  static let switches: Set = [
    "--bind-address-hard-fail", "--cleanup", "--conntrack-flush-tcp", "--conntrack-tcp-be-liberal",
    "--ignore-external-ips", "--init-only", "--ipvs-strict-arp", "--iptables-localhost-nodeports",
    "--log-json-split-stream", "--log-text-split-stream", "--masquerade-all", "--profiling",
  ]

  /// - `--masquerade-all` is `--masquerade-all=true`.
  /// - `--metrics-bind-address=` is `--metrics-bind-address ''`.
  /// - `--cluster_cidr` is `--cluster-cidr`, because Kubernetes' programs take both spellings.
  /// - `-v=4` and `-v4` are `-v 4`.
  /// - Without a command, flags belong to `run`: that command line is kube-proxy's.
  /// - A shell's request for completions (`---completion`) stays as it is.
  static func normalized(_ arguments: [String], commands: Set<String>) -> [String] {
    if let first = arguments.first, first.hasPrefix("---") { return arguments }
    var result: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument == "--" {
        result += arguments[index...]
        break
      }
      result += normalized(argument)
    }
    let first = result.first ?? ""
    let isForRoot = first == "--version" || first.hasPrefix("--generate-completion-script")
    return commands.contains(first) || isForRoot ? result : [defaultCommand] + result
  }

  private static func normalized(_ argument: String) -> [String] {
    if argument.hasPrefix("-v="), let value = argument.split(separator: "=", maxSplits: 1).last {
      return ["-v", String(value)]
    }
    if argument.hasPrefix("-v"), let level = UInt(argument.dropFirst(2)) { return ["-v", String(level)] }
    guard argument.hasPrefix("--") else { return [argument] }
    let name = argument.prefix { $0 != "=" }
    let flag = String(name).replacing("_", with: "-")
    if name == argument && switches.contains(flag) { return ["\(flag)=true"] }
    // The parser accepts an empty value only as a word of its own.
    if argument.count == name.count + 1 { return [flag, ""] }
    return [flag + argument.dropFirst(name.count)]
  }

  /// The flags of a command line that was accepted, with their values. A flag that stands alone has the value `true`.
  /// If a flag is repeated, the last value counts, as in kube-proxy.
  static func flags(_ arguments: [String]) -> [String: String] {
    var flags: [String: String] = [:]
    var rest = arguments.flatMap(normalized)[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-") else { continue }
      let name = argument.drop { $0 == "-" }.prefix { $0 != "=" }
      if argument.contains("=") {
        flags[String(name)] = String(argument.drop { $0 != "=" }.dropFirst())
      } else if let value = rest.first, !isFlag(value) {
        flags[String(name)] = value
        rest.removeFirst()
      } else {
        flags[String(name)] = "true"
      }
    }
    return flags
  }

  /// A negative number is a value.
  private static func isFlag(_ word: String) -> Bool { word.hasPrefix("-") && word != "-" && Int(word) == nil }
}
