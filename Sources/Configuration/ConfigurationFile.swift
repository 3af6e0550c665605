import KubernetesAPI
import ServiceModel

/// The content of a configuration file: a KubeProxyConfiguration, and the cluster's subnets if the file also contains a
/// kubeadm ClusterConfiguration.
package struct ConfigurationFile: Hashable, Sendable {
  package var configuration: KubeProxyConfiguration
  /// kubeadm's `networking.serviceSubnet`.
  package var serviceSubnets: [CIDR] = []
  /// Fields and documents that are ignored, and why.
  package var warnings: [String] = []
  /// The content of the file.
  package var contents: [UInt8] = []
  /// The file and line of each field of the configuration.
  var places: [String: ObjectSource] = [:]

  /// Reads a file.
  /// - Throws: if the file cannot be read, is not valid YAML, or contains no configuration. Values of a wrong type are
  ///   thrown later by `KubeProxyConfiguration.checked`, together with all other errors.
  package static func read(
    _ path: String, storage: any ManifestStorage = FileSystem()
  ) throws(ConfigurationErrors) -> ConfigurationFile {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try storage.contents(of: path, limit: 4 << 20)
    } catch {
      throw ConfigurationErrors([ConfigurationError(field: "", problem: error.description)])
    }
    return try ConfigurationFile(bytes, name: path)
  }

  /// Reads the text of a file.
  package init(_ bytes: [UInt8], name: String) throws(ConfigurationErrors) {
    var reader = ConfigurationReader(name: name)
    self = try reader.read(bytes)
    contents = bytes
  }

  /// The same errors, with the file and line of each field that is in the file.
  package func located(_ errors: ConfigurationErrors) -> ConfigurationErrors {
    ConfigurationErrors(
      errors.errors.map { error in
        var error = error
        error.source = error.source ?? places[error.field]
        return error
      })
  }

  init(configuration: KubeProxyConfiguration) { self.configuration = configuration }
}
