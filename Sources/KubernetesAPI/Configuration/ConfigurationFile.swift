public import ServiceModel

/// What a configuration file says: a KubeProxyConfiguration, and of a kubeadm ClusterConfiguration in the same file the
/// subnets of the cluster.
public struct ConfigurationFile: Hashable, Sendable {
  public var configuration: KubeProxyConfiguration
  /// kubeadm's `networking.serviceSubnet`.
  public var serviceSubnets: [CIDR] = []
  /// Fields and documents that are not used, and why.
  public var warnings: [String] = []
  /// The file as it was read.
  public var contents: [UInt8] = []
  /// Where each field of the configuration stands.
  var places: [String: ObjectSource] = [:]

  /// Reads a file.
  /// - Throws: it cannot be read, is no YAML, or holds no configuration. A value of a wrong type is thrown by
  ///   `KubeProxyConfiguration.checked`, together with all others that are wrong.
  public static func read(
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
  public init(_ bytes: [UInt8], name: String) throws(ConfigurationErrors) {
    var reader = ConfigurationReader(name: name)
    self = try reader.read(bytes)
    contents = bytes
  }

  /// The same errors with the file and the line of the fields that stand in it.
  public func located(_ errors: ConfigurationErrors) -> ConfigurationErrors {
    ConfigurationErrors(
      errors.errors.map { error in
        var error = error
        error.source = error.source ?? places[error.field]
        return error
      })
  }

  init(configuration: KubeProxyConfiguration) { self.configuration = configuration }
}
