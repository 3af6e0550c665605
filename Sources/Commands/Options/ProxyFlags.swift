import ArgumentParser
import Configuration
import KubernetesAPI
import ServiceModel

/// The flags of the proxy's configuration. Commands that show the proxy's rules take the same flags.
///
/// Each command has these groups itself. If they were one group of groups, the tests, which start the program hundreds
/// of times, would take minutes longer: in a debug build, ArgumentParser validates a group several times for each level
/// above it.
protocol ProxyFlags {
  var file: ConfigurationFileOptions { get set }
  var node: NodeOptions { get set }
  var rules: RuleOptions { get set }
  var extensions: ExtensionOptions { get set }
  var client: ClientOptions { get set }
  var conntrack: ConntrackOptions { get set }
  var logging: LoggingOptions { get set }
  var foreign: ForeignOptions { get set }
}

/// The configuration in force, and warnings about how it was put together.
struct LoadedConfiguration {
  var configuration: ProxyConfiguration
  /// Flags and fields that were left out.
  var warnings: [String]
  /// The file to follow.
  var file: ReadConfigurationFile?
}

/// The path of a configuration file, and its contents.
struct ReadConfigurationFile {
  var path: String
  var contents: [UInt8]
}

extension ProxyFlags {
  /// Reads the file, or the flags if there is none, applies defaults and checks everything.
  /// - Parameter hostname: this host's name, used if the Node's name is not set.
  func load(
    hostname: String, storage: any ManifestStorage = FileSystem()
  ) throws(ConfigurationErrors) -> LoadedConfiguration {
    var file: ConfigurationFile?
    if let path = self.file.config { file = try ConfigurationFile.read(path, storage: storage) }
    var base = file?.configuration ?? KubeProxyConfiguration()
    base.applyDefaults()
    var warnings = file?.warnings ?? []
    var flags = FlagApplication(over: base)
    if file == nil {
      applyConfigurationFlags(to: &flags)
    } else {
      var left = FlagApplication(over: KubeProxyConfiguration())
      applyConfigurationFlags(to: &left)
      warnings += left.given.map { "--\($0.flag) is ignored because --config is given (there it is \($0.field))" }
    }
    logging.apply(to: &flags)
    flags.set("hostname-override", node.hostnameOverride, "hostnameOverride", \.hostnameOverride)
    if file == nil {
      warnings += FeatureGates.unknown(in: flags.configuration.featureGates).map(FeatureGates.warning(unknown:))
    }
    let kubeadm = file?.serviceSubnets ?? []
    let subnets = extensions.serviceSubnet?.subnets ?? (kubeadm.isEmpty ? .unknown : .kubeadm(kubeadm))
    do throws(ConfigurationErrors) {
      let context = ConfigurationContext(hostname: hostname, serviceSubnets: subnets)
      return LoadedConfiguration(
        configuration: try flags.configuration.checked(in: context), warnings: warnings,
        file: file.map { ReadConfigurationFile(path: self.file.config ?? "", contents: $0.contents) })
    } catch {
      let named = flags.named(error)
      throw file?.located(named) ?? named
    }
  }

  /// Flags that stand for a field and give way to a file.
  private func applyConfigurationFlags(to flags: inout FlagApplication) {
    node.apply(to: &flags)
    rules.apply(to: &flags)
    client.apply(to: &flags)
    conntrack.apply(to: &flags)
    foreign.apply(to: &flags)
  }
}

extension FlagApplication {
  /// The errors with the flag that a field came from.
  fileprivate func named(_ errors: ConfigurationErrors) -> ConfigurationErrors {
    ConfigurationErrors(
      errors.errors.map { error in
        var error = error
        // An error with a source is an error of the file, not of a flag.
        if error.source == nil,
          let flag = given.first(where: { error.field == $0.field || error.field.hasPrefix($0.field + "[") })
        {
          error.field = "--\(flag.flag)"
        }
        return error
      })
  }
}
