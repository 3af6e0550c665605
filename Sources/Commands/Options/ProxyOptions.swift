import ArgumentParser
import Configuration
import KubernetesAPI
import ServiceModel

/// The proxy's configuration, from a file or from flags.
///
/// `run` has these groups itself and not as one group of groups. In a debug build, ArgumentParser checks a group several
/// times for each level above it, and the tests start the program hundreds of times.
protocol ProxyFlags {
  var file: ConfigurationFileOptions { get }
  var node: NodeOptions { get }
  var rules: RuleOptions { get }
  var extensions: ExtensionOptions { get }
  var client: ClientOptions { get }
  var conntrack: ConntrackOptions { get }
  var logging: LoggingOptions { get }
  var foreign: ForeignOptions { get }
}

/// The same flags for commands that show the proxy's rules.
struct ProxyOptions: ParsableArguments, ProxyFlags {
  @OptionGroup
  var file: ConfigurationFileOptions

  @OptionGroup
  var node: NodeOptions

  @OptionGroup
  var rules: RuleOptions

  @OptionGroup
  var extensions: ExtensionOptions

  @OptionGroup
  var client: ClientOptions

  @OptionGroup
  var conntrack: ConntrackOptions

  @OptionGroup
  var logging: LoggingOptions

  @OptionGroup
  var foreign: ForeignOptions
}

/// The configuration in force, and warnings about how it was put together.
struct LoadedConfiguration {
  var configuration: ProxyConfiguration
  /// Flags and fields that were left out.
  var warnings: [String]
  /// The file to follow.
  var file: ReadConfigurationFile?
}

/// A configuration file and what it said.
struct ReadConfigurationFile {
  var path: String
  var contents: [UInt8]
}

extension ProxyFlags {
  /// Reads the file, or the flags if there is none, applies defaults and checks everything.
  /// - Parameter hostname: of this host, used where no name of the Node is given.
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
        // What was wrong with the file is so whatever the flags say.
        if error.source == nil,
          let flag = given.first(where: { error.field == $0.field || error.field.hasPrefix($0.field + "[") })
        {
          error.field = "--\(flag.flag)"
        }
        return error
      })
  }
}
