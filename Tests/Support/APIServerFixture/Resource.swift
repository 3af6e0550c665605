/// A kind of object that the fixture can hold, and where the API has it.
public struct Resource: Hashable, Sendable {
  public let kind: String
  public let apiVersion: String
  /// The plural in URLs.
  public let name: String
  public let isNamespaced: Bool

  public init(kind: String, apiVersion: String, name: String, isNamespaced: Bool) {
    self.kind = kind
    self.apiVersion = apiVersion
    self.name = name
    self.isNamespaced = isNamespaced
  }

  /// The path of the collection over all namespaces, such as `/apis/discovery.k8s.io/v1/endpointslices`.
  public var path: String { (apiVersion.contains("/") ? "/apis/" : "/api/") + "\(apiVersion)/\(name)" }

  public static let services = Resource(kind: "Service", apiVersion: "v1", name: "services", isNamespaced: true)
  public static let nodes = Resource(kind: "Node", apiVersion: "v1", name: "nodes", isNamespaced: false)
  public static let endpointSlices = Resource(
    kind: "EndpointSlice", apiVersion: "discovery.k8s.io/v1", name: "endpointslices", isNamespaced: true)
  public static let serviceCIDRs = Resource(
    kind: "ServiceCIDR", apiVersion: "networking.k8s.io/v1", name: "servicecidrs", isNamespaced: false)
  public static let events = Resource(
    kind: "Event", apiVersion: "events.k8s.io/v1", name: "events", isNamespaced: true)

  public static let all: [Resource] = [.services, .nodes, .endpointSlices, .serviceCIDRs, .events]
}
