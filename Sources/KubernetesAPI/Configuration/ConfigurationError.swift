/// A setting that cannot be, or a configuration file that cannot be read.
public struct ConfigurationError: Error, Hashable, Sendable {
  /// The file, with the document and the line where they are known; nil for the command line.
  public var source: ObjectSource?
  /// The path of the field, as `iptables.masqueradeBit`; empty for the file as a whole.
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

/// All that is wrong with a configuration, so that one run shows everything there is to mend.
public struct ConfigurationErrors: Error, Hashable, Sendable {
  public var errors: [ConfigurationError]

  public init(_ errors: [ConfigurationError]) { self.errors = errors }
}

extension ConfigurationErrors: CustomStringConvertible {
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
