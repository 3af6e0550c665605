/// A kind of object that the fixture can hold, and where the API has it.
package struct Resource: Hashable, Sendable {
  package let kind: String
  package let apiVersion: String
  /// The plural in URLs.
  package let name: String
  package let isNamespaced: Bool

  package init(kind: String, apiVersion: String, name: String, isNamespaced: Bool) {
    self.kind = kind
    self.apiVersion = apiVersion
    self.name = name
    self.isNamespaced = isNamespaced
  }

  /// The path of the collection over all namespaces, such as `/apis/discovery.k8s.io/v1/endpointslices`.
  package var path: String { (apiVersion.contains("/") ? "/apis/" : "/api/") + "\(apiVersion)/\(name)" }

  package static let services = Resource(kind: "Service", apiVersion: "v1", name: "services", isNamespaced: true)
  package static let nodes = Resource(kind: "Node", apiVersion: "v1", name: "nodes", isNamespaced: false)
  package static let endpointSlices = Resource(
    kind: "EndpointSlice", apiVersion: "discovery.k8s.io/v1", name: "endpointslices", isNamespaced: true)
  package static let serviceCIDRs = Resource(
    kind: "ServiceCIDR", apiVersion: "networking.k8s.io/v1", name: "servicecidrs", isNamespaced: false)
  package static let events = Resource(
    kind: "Event", apiVersion: "events.k8s.io/v1", name: "events", isNamespaced: true)

  package static let all: [Resource] = [.services, .nodes, .endpointSlices, .serviceCIDRs, .events]
}
