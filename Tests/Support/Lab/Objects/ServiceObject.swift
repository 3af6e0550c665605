import ServiceModel

/// A Service of a lab's cluster and its endpoints. The API objects are made from it.
///
/// Its cluster IPs are 10.200.1.*number* and fd00:10:200::*number* (in hexadecimal).
package struct ServiceObject: Sendable {
  package struct Port: Sendable {
    package var name: String
    package var transport: TransportProtocol
    package var port: UInt16
    package var target: UInt16
    package var nodePort: UInt16?

    package init(
      _ name: String, _ transport: TransportProtocol = .tcp, _ port: UInt16, target: UInt16, nodePort: UInt16? = nil
    ) {
      self.name = name
      self.transport = transport
      self.port = port
      self.target = target
      self.nodePort = nodePort
    }
  }

  package struct Endpoint: Sendable {
    package var addresses: Addresses
    package var node: String
    package var ready = true
    package var serving = true
    package var terminating = false

    package init(_ addresses: Addresses, node: String) {
      self.addresses = addresses
      self.node = node
    }

    package init(_ pod: LabPod) { self.init(pod.addresses, node: pod.node) }

    /// A pod on the host network.
    package init(_ host: LabNode) { self.init(host.addresses, node: host.name) }

    /// A terminating endpoint that still serves, or no longer does.
    package func terminating(serving: Bool) -> Endpoint {
      var copy = self
      copy.ready = false
      copy.serving = serving
      copy.terminating = true
      return copy
    }

    package func notReady() -> Endpoint {
      var copy = self
      copy.ready = false
      copy.serving = false
      return copy
    }
  }

  package static let namespace = "lab"

  package var name: String
  package var number: Int
  package var families: [IPFamily] = IPFamily.allCases
  package var type: ServiceType = .clusterIP
  package var ports: [Port]
  package var endpoints: [Endpoint]
  package var externalIPs: [IPAddress] = []
  package var ingressIPs: [IPAddress] = []
  package var sourceRanges: [CIDR] = []
  package var affinityTimeout: Int?
  package var internalTrafficPolicy: TrafficPolicy = .cluster
  package var externalTrafficPolicy: TrafficPolicy = .cluster
  package var healthCheckNodePort: UInt16?

  package init(_ name: String, _ number: Int, ports: [Port], endpoints: [Endpoint]) {
    self.name = name
    self.number = number
    self.ports = ports
    self.endpoints = endpoints
  }

  package func clusterIP(_ family: IPFamily) -> IPAddress {
    Layout.address(number, in: Layout.serviceNetwork(family))
  }

  /// The Service, and one EndpointSlice for each family.
  package var objects: [JSON] { [service] + families.map(slice) }

  private var isExternal: Bool { type != .clusterIP || !externalIPs.isEmpty }

  private var service: JSON {
    .fields([
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name), "namespace": .string(Self.namespace)],
      "spec": .fields([
        "type": .string(type.rawValue),
        "clusterIP": .string("\(clusterIP(families[0]))"),
        "clusterIPs": .strings(families.map(clusterIP)),
        "ipFamilies": .strings(families.map(\.rawValue)),
        "ipFamilyPolicy": families.count == 2 ? "RequireDualStack" : "SingleStack",
        "ports": .array(ports.map(spec)),
        "externalIPs": externalIPs.isEmpty ? nil : .strings(externalIPs),
        "loadBalancerSourceRanges": sourceRanges.isEmpty ? nil : .strings(sourceRanges),
        "sessionAffinity": affinityTimeout == nil ? "None" : "ClientIP",
        "sessionAffinityConfig": affinityTimeout.map { ["clientIP": ["timeoutSeconds": .number($0)]] },
        "internalTrafficPolicy": .string(internalTrafficPolicy.rawValue),
        "externalTrafficPolicy": isExternal ? .string(externalTrafficPolicy.rawValue) : nil,
        "healthCheckNodePort": healthCheckNodePort.map { .number(Int($0)) },
      ]),
      "status": ingressIPs.isEmpty
        ? nil : ["loadBalancer": ["ingress": .array(ingressIPs.map { ["ip": .string("\($0)"), "ipMode": "VIP"] })]],
    ])
  }

  private func spec(_ port: Port) -> JSON {
    .fields([
      "name": .string(port.name), "protocol": .string(port.transport.rawValue), "port": .number(Int(port.port)),
      "targetPort": .number(Int(port.target)), "nodePort": port.nodePort.map { .number(Int($0)) },
    ])
  }

  private func slice(_ family: IPFamily) -> JSON {
    [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": .string("\(name)-\(family.rawValue.lowercased())"), "namespace": .string(Self.namespace),
        "labels": ["kubernetes.io/service-name": .string(name)],
      ],
      "addressType": .string(family.rawValue),
      "ports": .array(
        ports.map { port in
          [
            "name": .string(port.name), "protocol": .string(port.transport.rawValue), "port": .number(Int(port.target)),
          ]
        }),
      "endpoints": .array(
        endpoints.map { endpoint in
          [
            "addresses": .strings([endpoint.addresses[family]]), "nodeName": .string(endpoint.node),
            "conditions": [
              "ready": .bool(endpoint.ready), "serving": .bool(endpoint.serving),
              "terminating": .bool(endpoint.terminating),
            ],
          ]
        }),
    ]
  }
}

extension Lab {
  /// The Node objects of the lab's nodes.
  package var nodeObjects: [JSON] {
    nodes.map { node in
      [
        "apiVersion": "v1", "kind": "Node",
        "metadata": ["name": .string(node.name), "labels": ["kubernetes.io/hostname": .string(node.name)]],
        "spec": [
          "podCIDR": .string("\(node.podCIDR(.ipv4))"), "podCIDRs": .strings(IPFamily.allCases.map(node.podCIDR)),
        ],
        "status": [
          "addresses": .array(
            IPFamily.allCases.map { ["type": "InternalIP", "address": .string("\(node.addresses[$0])")] })
        ],
      ]
    }
  }
}
