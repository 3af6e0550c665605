import FoundationEssentials
import KubernetesAPI
import ServiceModel
import YAML

/// Reads the documents of a configuration file.
struct ConfigurationReader {
  /// The parts of kubeadm's ClusterConfiguration that a service proxy needs.
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
  private var errors: [ConfigurationError] = []

  init(name: String) { self.name = name }

  /// - Throws: if there is no configuration that can be read. Errors in single values are returned with the
  ///   configuration.
  mutating func read(_ bytes: [UInt8]) throws(ConfigurationErrors) -> ConfigurationFile {
    do throws(ConfigurationError) {
      for (index, document) in try documents(bytes).enumerated() {
        take(document, source: ObjectSource(name: name, document: index + 1))
      }
    } catch {
      throw ConfigurationErrors([error])
    }
    if configuration == nil && networking == nil && errors.isEmpty {
      errors.append(
        ConfigurationError(
          source: ObjectSource(name: name), field: "",
          problem: "contains no \(KubeProxyConfiguration.kind) (\(KubeProxyConfiguration.apiVersion))"))
    }
    errors.sort { ($0.source?.document ?? 0, $0.source?.line ?? 0) < ($1.source?.document ?? 0, $1.source?.line ?? 0) }
    if configuration == nil && !errors.isEmpty { throw ConfigurationErrors(errors) }
    var result = ConfigurationFile(configuration: configuration ?? KubeProxyConfiguration())
    result.configuration.unreadable = errors
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

  private mutating func take(_ document: YAMLDocument, source: ObjectSource) {
    if document.isEmpty { return }
    let apiVersion = document.text("apiVersion")
    switch (document.text("kind"), apiVersion) {
    case (KubeProxyConfiguration.kind, KubeProxyConfiguration.apiVersion):
      takeConfiguration(document, source)
    case (KubeProxyConfiguration.kind, _):
      fail(
        document, source, "apiVersion",
        "\(apiVersion.quoted) is not supported, only \(KubeProxyConfiguration.apiVersion) is")
    case ("ClusterConfiguration", _) where apiVersion.hasPrefix("kubeadm.k8s.io/"):
      networking = networking(document, source)
    case ("", _): fail(document, source, "kind", "is missing")
    // kubeadm and kind put the configurations of other components into the same file.
    default: break
    }
  }

  private mutating func takeConfiguration(_ document: YAMLDocument, _ source: ObjectSource) {
    if configuration != nil { return fail(document, source, "", "is a second \(KubeProxyConfiguration.kind)") }
    configuration = decode(document, source)
    places = document.lines(of: .kubeProxyConfiguration).mapValues {
      ObjectSource(name: name, document: source.document, line: $0)
    }
    for field in document.unknownFields(.kubeProxyConfiguration) {
      let place = ObjectSource(name: name, document: source.document, line: field.line)
      warnings.append("\(place): \(field.path.printable): is not known and is ignored")
    }
    for gate in FeatureGates.unknown(in: configuration?.featureGates).prefix(YAMLDocument.fieldLimit) {
      warnings.append("\(at(document, source, "featureGates.\(gate)")): \(FeatureGates.warning(unknown: gate))")
    }
  }

  private mutating func networking(_ document: YAMLDocument, _ source: ObjectSource) -> Networking? {
    guard let wire: ClusterConfiguration = decode(document, source) else { return nil }
    var check = ConfigurationCheck()
    let subnets = check.cidrPair(wire.networking?.serviceSubnet ?? "", "networking.serviceSubnet")
    _ = check.cidrPair(wire.networking?.podSubnet ?? "", "networking.podSubnet")
    for error in check.errors { fail(document, source, error.field, error.problem) }
    return Networking(serviceSubnets: subnets, podSubnet: wire.networking?.podSubnet ?? "")
  }

  /// Decodes the valid parts of a document and records an error for every other part. If a key appears twice, the last
  /// value counts, as in kube-proxy.
  private mutating func decode<Value: Decodable>(_ document: YAMLDocument, _ source: ObjectSource) -> Value? {
    var mender = JSONMender(needed: [])
    defer { for value in mender.values { fail(document, source, value.field, value.problem) } }
    for key in document.duplicateKeys {
      let place = ObjectSource(name: name, document: source.document, line: key.line)
      warnings.append("\(place): \(key.path.printable): occurs twice; the last value is used")
    }
    do {
      let json = Data(try YAMLToJSON.convert(document.root, duplicateKeys: .lastWins))
      return try JSONDecoder().decode(Value.self, from: json, mender: &mender)
    } catch let error as YAMLError {
      errors.append(
        ConfigurationError(
          source: ObjectSource(name: name, document: source.document, line: error.line), field: "",
          problem: error.problem))
    } catch {
      let diagnosis = JSONDiagnosis(source: source).failure(error)
      fail(document, source, diagnosis.field ?? "", diagnosis.problem)
    }
    return nil
  }

  private mutating func fail(
    _ document: YAMLDocument, _ source: ObjectSource, _ field: String, _ problem: String
  ) {
    errors.append(ConfigurationError(source: at(document, source, field), field: field, problem: problem))
  }

  private func at(_ document: YAMLDocument, _ source: ObjectSource, _ field: String) -> ObjectSource {
    var source = source
    source.line = document.line(of: field)
    return source
  }
}
