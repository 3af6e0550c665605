import ArgumentParser

/// The completion scripts that ArgumentParser generates, with additions for this program.
///
/// `explain`, `diff` and `graph` take flags of `run` without showing them in their help, and the scripts know only what is
/// shown: after another flag they complete nothing, or the wrong thing.
enum CompletionScript {
  private static let flag = "--generate-completion-script"
  private static let commandsWithHiddenFlags: Set = ["explain", "diff", "graph"]

  /// The shell whose script the arguments ask for; nil leaves them to ArgumentParser.
  static func requested(_ arguments: [String]) -> CompletionShell? {
    guard arguments.count == 2, arguments[0] == flag else { return nil }
    return CompletionShell.allCases.first { $0.rawValue == arguments[1] }
  }

  static func text(for shell: CompletionShell) -> String {
    let script = SwiftKubeProxy.completionScript(for: shell)
    switch shell {
    case .bash: return BashCompletion.wholeWords(in: knowingFlags(script, bashList))
    case .zsh: return zsh(script)
    case .fish: return knowingFlags(script, fishList)
    default: return script
    }
  }

  /// A line of a script that lists a command's flags.
  private struct FlagList {
    /// What lines of different commands have in common.
    let kind: Substring
    let flags: [Substring]
    let adding: ([Substring]) -> String
  }

  /// Adds to each list of the commands what `run`'s list of that kind has more.
  private static func knowingFlags(_ script: String, _ read: (Substring) -> FlagList?) -> String {
    var command: Substring = ""
    var ofRun: [Substring: [Substring]] = [:]
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      if let match = line.wholeMatch(of: /_swift-kube-proxy_([a-z]+)\(\) \{| {8}case '([a-z]+)'/) {
        command = match.1 ?? match.2 ?? ""
      }
      guard let list = read(line) else { return String(line) }
      if command == "run" { ofRun[list.kind] = list.flags }
      guard commandsWithHiddenFlags.contains(String(command)) else { return String(line) }
      let known = Set(list.flags.map(longName))
      return list.adding((ofRun[list.kind] ?? []).filter { !known.contains(longName($0)) })
    }
    return lines.joined(separator: "\n")
  }

  /// `output` of `--output` and of `'o/output='`.
  private static func longName(_ flag: Substring) -> Substring {
    flag.split(separator: "/").last?.trimmingPrefix("--").filter { $0.isLetter || $0 == "-" }[...] ?? flag
  }

  /// `    non_repeating_options=(--from --to)`
  private static func bashList(_ line: Substring) -> FlagList? {
    guard let match = line.wholeMatch(of: /\ {4}((?:non_)?repeating_(?:flags|options))=\((.*)\)/) else { return nil }
    return FlagList(kind: match.1, flags: match.2.split(separator: " ")) { more in
      "\(line.dropLast())\(more.map { " \($0)" }.joined()))"
    }
  }

  /// `            __swift-kube-proxy_parse_subcommand 0 'from=' 'all'`
  private static func fishList(_ line: Substring) -> FlagList? {
    guard let match = line.wholeMatch(of: /\ {12}__swift-kube-proxy_parse_subcommand \d (.*)/) else { return nil }
    return FlagList(kind: "", flags: match.1.split(separator: " ")) { more in
      "\(line)\(more.map { " \($0)" }.joined())"
    }
  }

  /// Here each flag is a line `'--from[help]:who:{…}'`; one that begins with `!` is known and not offered.
  private static func zsh(_ script: String) -> String {
    var command: Substring = ""
    var ofRun: [(name: Substring, line: Substring)] = []
    var known: Set<Substring> = []
    var lines: [Substring] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /_swift-kube-proxy_([a-z]+)\(\) \{/) {
        command = match.1
        known = []
      }
      if let name = line.firstMatch(of: /^ {8}'.*?--([a-z-]+)/)?.1 {
        known.insert(name)
        if command == "run", !line.contains("}'[") { ofRun.append((name, line.drop { $0 != "'" }.dropFirst())) }
      }
      if line == "    )", commandsWithHiddenFlags.contains(String(command)) {
        lines += ofRun.filter { !known.contains($0.name) }.map { "        '!\($0.line)" }
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }
}
