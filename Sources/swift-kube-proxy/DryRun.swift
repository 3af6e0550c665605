import KubernetesAPI
import ServiceModel

/// What a dry run plans for: the objects of the manifests, and what was said about them.
struct DryRunInput {
  var contents: ManifestContents
  var configuration: ProxyConfiguration

  /// Reads the manifests and tells on standard error what is the matter with them.
  init(manifests path: String, configuration: ProxyConfiguration, loader: ManifestLoader = ManifestLoader()) throws {
    contents = try loader.load(path)
    self.configuration = configuration
    for warning in contents.warnings { StandardError.write("warning: \(warning)") }
    for failure in contents.failures { StandardError.write("error: \(failure)") }
  }

  var snapshot: ClusterSnapshot { contents.snapshot() }

  /// Objects were left out, so what is printed is not all that was asked for.
  var isIncomplete: Bool { !contents.failures.isEmpty }
}
