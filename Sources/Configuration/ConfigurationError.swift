import KubernetesAPI

/// A setting that is not valid, or a configuration file that cannot be read.
public struct ConfigurationError: Error, Hashable, Sendable {
  /// The file, with the document and the line if they are known; nil for the command line.
  public var source: ObjectSource?
  /// The path of the field, such as `iptables.masqueradeBit`; empty for the file as a whole.
  public var field: String
  public var problem: String

  public init(source: ObjectSource? = nil, field: String, problem: String) {
    self.source = source
    self.field = field
    self.problem = problem
  }
}

extension ConfigurationError: CustomStringConvertible {
  public var description: String {
    [source?.description, field.isEmpty ? nil : field, problem].compactMap { $0 }.joined(separator: ": ")
  }
}

/// All errors of a configuration, so that one run shows everything that must be corrected.
public struct ConfigurationErrors: Error, Hashable, Sendable {
  public var errors: [ConfigurationError]

  public init(_ errors: [ConfigurationError]) { self.errors = errors }
}

extension ConfigurationErrors: CustomStringConvertible {
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
