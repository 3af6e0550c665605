import ArgumentParser
import Configuration
import KubernetesAPI
import ServiceModel
import Time

/// A boolean flag's value, spelled as Go's flags take it. `Arguments` makes `--flag` alone `--flag=true`.
struct FlagBool: ExpressibleByArgument {
  let value: Bool

  init?(argument: String) {
    switch argument {
    case "1", "t", "T", "true", "TRUE", "True": value = true
    case "0", "f", "F", "false", "FALSE", "False": value = false
    default: return nil
    }
  }
}

extension GoDuration {
  /// Reads a flag's value.
  /// - Throws: if the text is not a duration. The error says what may have been meant.
  static func flag(_ text: String) throws -> GoDuration {
    if let value = GoDuration(text) { return value }
    throw ValidationError(problem(text, quoted: "'\(text)'"))
  }
}

enum PathFlag {
  /// - Throws: if a flag that takes a path is given with an empty value, as `--config=` is if a script's variable is
  ///   not set.
  static func check(_ flag: String, _ path: String?) throws {
    if path?.isEmpty == true { throw ValidationError("\(flag) needs a path, but its value is empty.") }
  }
}

/// CIDRs joined by commas.
struct CIDRList: ExpressibleByArgument {
  let cidrs: [CIDR]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { CIDR($0) }
    guard values.count == parts.count else { return nil }
    cidrs = values
  }
}

/// Texts joined by commas, as in `--nodeport-addresses=10.0.0.0/8,fd00::/8`.
struct TextList: ExpressibleByArgument {
  let texts: [String]

  init?(argument: String) {
    texts = argument.isEmpty ? [] : argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// `NAME=true,OTHER=false`. White space around a name or a value is ignored, as kube-proxy ignores it.
struct FeatureGateList: ExpressibleByArgument {
  let gates: [String: Bool]

  init?(argument: String) {
    var gates: [String: Bool] = [:]
    for part in argument.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { String($0).trimmingBlanks }
      guard sides.count == 2, let value = FlagBool(argument: sides[1]) else { return nil }
      gates[sides[0]] = value.value
    }
    self.gates = gates
  }
}

/// `PATTERN=LEVEL,OTHER=LEVEL`, as klog's `--vmodule` takes it.
struct VModuleList: ExpressibleByArgument {
  let modules: [KubeProxyConfiguration.Logging.VModule]

  init?(argument: String) {
    var modules: [KubeProxyConfiguration.Logging.VModule] = []
    for part in argument.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, let level = Int(sides[1]), level >= 0 else { return nil }
      modules.append(.init(filePattern: sides[0], verbosity: level))
    }
    self.modules = modules
  }
}
