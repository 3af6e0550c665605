import FoundationEssentials
import ServiceModel
import YAML

/// Reads the documents of a configuration file.
struct ConfigurationReader {
  /// Of kubeadm's ClusterConfiguration what concerns a service proxy.
  private struct ClusterConfiguration: Decodable {
    struct Networking: Decodable {
      var serviceSubnet: String?
      var podSubnet: String?
    }

    var networking: Networking?
  }

  private struct Networking {
    var serviceSubnets: [CIDR]
    var podSubnet: String
  }

  let name: String
  private var configuration: KubeProxyConfiguration?
  private var networking: Networking?
  private var warnings: [String] = []
  private var places: [String: ObjectSource] = [:]

  init(name: String) { self.name = name }

  mutating func read(_ bytes: [UInt8]) throws(ConfigurationError) -> ConfigurationFile {
    for (index, document) in try documents(bytes).enumerated() {
      try take(document, source: ObjectSource(name: name, document: index + 1))
    }
    if configuration == nil && networking == nil {
      throw ConfigurationError(
        source: ObjectSource(name: name), field: "",
        problem: "holds no \(KubeProxyConfiguration.kind) (\(KubeProxyConfiguration.apiVersion))")
    }
    var result = ConfigurationFile(configuration: configuration ?? KubeProxyConfiguration())
    result.serviceSubnets = networking?.serviceSubnets ?? []
    if result.configuration.clusterCIDR.isEmpty { result.configuration.clusterCIDR = networking?.podSubnet ?? "" }
    result.warnings = warnings
    result.places = places
    return result
  }

  private func documents(_ bytes: [UInt8]) throws(ConfigurationError) -> [YAMLDocument] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(source: ObjectSource(name: name), field: "", problem: "is not UTF-8")
    }
    var result: [YAMLDocument] = []
    do throws(YAMLError) {
      let documents = YAMLDocuments(text)
      while let document = try documents.next() { result.append(document) }
    } catch {
      let source = ObjectSource(name: name, document: result.count + 1, line: error.line)
      throw ConfigurationError(source: source, field: "", problem: error.problem)
    }
    return result
  }

  private mutating func take(_ document: YAMLDocument, source: ObjectSource) throws(ConfigurationError) {
    if document.isEmpty { return }
    if let duplicate = document.duplicateKeys.first {
      var source = source
      source.line = duplicate.line
      throw ConfigurationError(source: source, field: duplicate.path.printable, problem: "stands twice")
    }
    let apiVersion = document.text("apiVersion")
    switch (document.text("kind"), apiVersion) {
    case (KubeProxyConfiguration.kind, KubeProxyConfiguration.apiVersion):
      if configuration != nil {
        throw failure(document, source, "", "is a second \(KubeProxyConfiguration.kind)")
      }
      configuration = try decode(document, source)
      places = document.lines(of: .kubeProxyConfiguration).mapValues {
        ObjectSource(name: name, document: source.document, line: $0)
      }
      for field in document.unknownFields(.kubeProxyConfiguration) {
        let place = ObjectSource(name: name, document: source.document, line: field.line)
        warnings.append("\(place): \(field.path.printable): is not known and left out")
      }
    case (KubeProxyConfiguration.kind, _):
      throw failure(
        document, source, "apiVersion",
        "\(apiVersion.quoted) is not supported, only \(KubeProxyConfiguration.apiVersion) is")
    case ("ClusterConfiguration", _) where apiVersion.hasPrefix("kubeadm.k8s.io/"):
      networking = try networking(document, source)
    case ("", _): throw failure(document, source, "kind", "is missing")
    // kubeadm and kind keep other components' configurations in the same file.
    default: break
    }
  }

  private func networking(_ document: YAMLDocument, _ source: ObjectSource) throws(ConfigurationError) -> Networking {
    let wire: ClusterConfiguration = try decode(document, source)
    var check = ConfigurationCheck()
    let subnets = check.cidrPair(wire.networking?.serviceSubnet ?? "", "networking.serviceSubnet")
    _ = check.cidrPair(wire.networking?.podSubnet ?? "", "networking.podSubnet")
    if let error = check.errors.first { throw failure(document, source, error.field, error.problem) }
    return Networking(serviceSubnets: subnets, podSubnet: wire.networking?.podSubnet ?? "")
  }

  private func decode<Value: Decodable>(
    _ document: YAMLDocument, _ source: ObjectSource
  ) throws(ConfigurationError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(try YAMLToJSON.convert(document.root)))
    } catch let error as YAMLError {
      var source = source
      source.line = error.line
      throw ConfigurationError(source: source, field: "", problem: error.problem)
    } catch {
      let diagnosis = JSONDiagnosis(source: source).failure(error)
      throw failure(document, source, diagnosis.field ?? "", diagnosis.problem)
    }
  }

  private func failure(
    _ document: YAMLDocument, _ source: ObjectSource, _ field: String, _ problem: String
  ) -> ConfigurationError {
    ConfigurationError(source: at(document, source, field), field: field, problem: problem)
  }

  private func at(_ document: YAMLDocument, _ source: ObjectSource, _ field: String) -> ObjectSource {
    var source = source
    source.line = document.line(of: field)
    return source
  }
}
