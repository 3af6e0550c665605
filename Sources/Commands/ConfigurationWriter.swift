import Configuration
import KubernetesAPI

/// Writes the configuration in force, for `--write-config-to`.
enum ConfigurationWriter {
  static func write(_ configuration: KubeProxyConfiguration, to path: String) throws {
    try FileDescriptorWriter.write(Array(try configuration.yaml().utf8), toFile: path)
  }
}
