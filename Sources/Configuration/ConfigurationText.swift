import FoundationEssentials
import YAML

extension KubeProxyConfiguration {
  /// The configuration as JSON on one line. The keys are sorted.
  package func json() throws(ConfigurationErrors) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(self))
    } catch {
      throw ConfigurationErrors([ConfigurationError(field: "", problem: "cannot be written as JSON: \(error)")])
    }
  }

  /// The configuration as a YAML file. The keys are sorted.
  package func yaml() throws(ConfigurationErrors) -> String {
    let json = try json()
    do {
      return try JSONToYAML.convert(json)
    } catch {
      throw ConfigurationErrors([ConfigurationError(field: "", problem: "cannot be written as YAML: \(error)")])
    }
  }
}
