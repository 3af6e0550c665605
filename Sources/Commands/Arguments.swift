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

  /// The flags of a command line with their values; `true` for a flag that stands alone.
  static func flags(_ arguments: [String]) -> [String: String] {
    var flags: [String: String] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-") else { continue }
      let parts = argument.drop { $0 == "-" }.split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.first else { continue }
      if parts.count == 2 {
        flags[name] = parts[1]
      } else if let value = rest.first, !value.hasPrefix("-") {
        flags[name] = value
        rest.removeFirst()
      } else {
        flags[name] = "true"
      }
    }
    return flags
  }
}
