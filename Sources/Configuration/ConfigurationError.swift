import KubernetesAPI
import ServiceModel

/// A setting that is not valid, or a configuration file that cannot be read.
package struct ConfigurationError: Error, Hashable, Sendable {
  /// The file, with the document and the line if they are known; nil for the command line.
  package var source: ObjectSource?
  /// The path of the field, such as `iptables.masqueradeBit`; empty for the file as a whole.
  package var field: String
  package var problem: String

  package init(source: ObjectSource? = nil, field: String, problem: String) {
    self.source = source
    self.field = field
    self.problem = problem
  }
}

extension ConfigurationError: CustomStringConvertible {
  package var description: String {
    [source?.description, field.isEmpty ? nil : field.printable, problem].compactMap { $0 }.joined(separator: ": ")
  }
}

/// All errors of a configuration, so that one run shows everything that must be corrected.
package struct ConfigurationErrors: Error, Hashable, Sendable {
  package var errors: [ConfigurationError]

  package init(_ errors: [ConfigurationError]) { self.errors = errors }
}

extension ConfigurationErrors: CustomStringConvertible {
  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
