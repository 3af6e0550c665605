import Configuration
import KubernetesAPI

/// A flag that stands for a field of the configuration file.
struct GivenFlag: Hashable {
  /// Without the dashes.
  var flag: String
  var field: String
}

/// Sets the fields of a configuration to the values of the given flags, and remembers which flags were given.
struct FlagApplication {
  private(set) var configuration: KubeProxyConfiguration
  private(set) var given: [GivenFlag] = []

  init(over configuration: KubeProxyConfiguration) { self.configuration = configuration }

  mutating func set<Value>(
    _ flag: String, _ value: Value?, _ field: String, _ path: WritableKeyPath<KubeProxyConfiguration, Value>
  ) {
    guard let value else { return }
    configuration[keyPath: path] = value
    given.append(GivenFlag(flag: flag, field: field))
  }

  mutating func set<Value>(
    _ flag: String, _ value: Value?, _ field: String, _ path: WritableKeyPath<KubeProxyConfiguration, Value?>
  ) {
    guard let value else { return }
    configuration[keyPath: path] = value
    given.append(GivenFlag(flag: flag, field: field))
  }
}
