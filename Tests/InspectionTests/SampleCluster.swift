import Doubles
import Inspection
import KubernetesAPI
import Planner
import ServiceModel
import Testing

/// A small cluster. Conventions: pods 10.10.N.x on node-N, this is node-1 (172.18.0.1); cluster IPs 10.200.1.x,
/// load balancers 203.0.113.x, external IPs 198.51.100.x, clients outside 192.0.2.x; node ports from 30000.
enum SampleCluster {
  static func snapshot(_ more: String = "") throws -> ClusterSnapshot {
    let files = MemoryFiles(["objects.yaml": objects + more])
    let contents = try ManifestLoader(storage: files).load("objects.yaml")
    try #require(contents.failures.isEmpty, "\(contents.failures)")
    return contents.snapshot()
  }

  static func scene(
    _ family: IPFamily = .ipv4, _ more: String = "", _ change: (inout PlannerOptions) -> Void = { _ in }
  ) throws -> Scene {
    let snapshot = try snapshot(more)
    var options = PlannerOptions(family: family, nodeName: "node-1")
    options.localTraffic = .source(CIDR(family == .ipv4 ? "10.10.0.0/16" : "fd00:10:10::/56")!)
    options.nodeIP = IPAddress(family == .ipv4 ? "172.18.0.1" : "fc00::1")!
    change(&options)
    return Scene(planning: snapshot, options)
  }

  static func name(_ text: String) -> NamespacedName { ServiceLabel(text)!.service }

  /// - Parameter spec: the field `spec` and what follows it.
  static func service(_ name: String, _ spec: String) -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name), namespace: shop}
    \(spec)
    ---

    """
  }

  /// A Service's EndpointSlice.
  static func slice(_ service: String, _ port: String, _ endpoints: [String], family: IPFamily = .ipv4) -> String {
    slice(service, family: family, lists: "ports: [\(port)]\nendpoints: [\(endpoints.joined(separator: ", "))]")
  }

  /// - Parameter lists: the fields `ports` and `endpoints`.
  static func slice(_ service: String, number: Int = 1, family: IPFamily = .ipv4, lists: String) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: \(service)-\(number), namespace: shop, labels: {kubernetes.io/service-name: \(service)}}
    addressType: \(family.rawValue)
    \(lists)
    ---

    """
  }

  private static let objects =
    """
    apiVersion: v1
    kind: Node
    metadata: {name: node-1}
    spec: {podCIDR: 10.10.1.0/24, podCIDRs: [10.10.1.0/24]}
    status: {addresses: [{type: InternalIP, address: 172.18.0.1}]}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: node-2}
    status: {addresses: [{type: InternalIP, address: 172.18.0.2}]}
    ---

    """
    // A cluster IP, a node port, a load balancer with source ranges; three endpoints.
    + service(
      "web",
      """
      spec:
        type: LoadBalancer
        clusterIP: 10.200.1.10
        clusterIPs: [10.200.1.10]
        externalIPs: [198.51.100.1]
        loadBalancerSourceRanges: [192.0.2.0/24]
        ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]
      status: {loadBalancer: {ingress: [{ip: 203.0.113.1}]}}
      """)
    + slice(
      "web", "{name: http, port: 8080}",
      [
        "{addresses: [10.10.1.5], nodeName: node-1}", "{addresses: [10.10.2.5], nodeName: node-2}",
        "{addresses: [10.10.3.5], nodeName: node-3}",
      ])
    // Terminating endpoints only, none of which serves.
    + service("gone", "spec: {clusterIP: 10.200.1.11, clusterIPs: [10.200.1.11], ports: [{port: 80}]}")
    + slice(
      "gone", "{port: 80}",
      [
        "{addresses: [10.10.2.6], conditions: {ready: false, serving: false, terminating: true}}",
        "{addresses: [10.10.2.7], conditions: {ready: false, serving: false, terminating: true}}",
        "{addresses: [10.10.2.8], conditions: {ready: false}}",
      ])
    // Endpoints on other nodes only, both policies Local.
    + service(
      "local",
      """
      spec:
        type: NodePort
        clusterIP: 10.200.1.12
        clusterIPs: [10.200.1.12]
        internalTrafficPolicy: Local
        externalTrafficPolicy: Local
        ports: [{port: 80, nodePort: 30081}]
      """) + slice("local", "{port: 80}", ["{addresses: [10.10.2.9], nodeName: node-2}"])
    // A slice whose port has another name.
    + service("typo", "spec: {clusterIP: 10.200.1.13, clusterIPs: [10.200.1.13], ports: [{name: grpc, port: 90}]}")
    + slice("typo", "{name: grcp, port: 90}", ["{addresses: [10.10.2.10]}"])
    + service("empty", "spec: {clusterIP: 10.200.1.14, clusterIPs: [10.200.1.14], ports: [{port: 80}]}")
    + service(
      "sticky",
      """
      spec:
        clusterIP: 10.200.1.15
        clusterIPs: [10.200.1.15]
        sessionAffinity: ClientIP
        ports: [{name: dns, port: 53, protocol: UDP}]
      """)
    + slice(
      "sticky", "{name: dns, port: 53, protocol: UDP}",
      ["{addresses: [10.10.1.11], nodeName: node-1}", "{addresses: [10.10.2.11], nodeName: node-2}"])
}
