import Foundation
import Mutations

/// Objects of the API as JSON, valid and invalid, of every kind that is read. All values have the API's types.
struct RandomObject {
  private var random: Mutator

  init(seed: UInt64) { random = Mutator(seed: seed) }

  mutating func next() -> [String: Any] {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<4: service()
    case 4..<8: slice()
    case 8: node()
    default: serviceCIDR()
    }
  }

  private mutating func one<Value>(_ values: Value...) -> Value { values.randomElement(using: &random)! }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func list<Value>(_ most: Int, _ make: (inout Self) -> Value) -> [Value] {
    (0..<Int.random(in: 0...most, using: &random)).map { _ in make(&self) }
  }

  /// Puts a value in, or leaves it out now and then.
  private mutating func maybe(_ object: inout [String: Any], _ name: String, _ value: Any) {
    if chance(75) { object[name] = value }
  }

  private mutating func address() -> String {
    one(
      "10.0.\(Int.random(in: 0...255, using: &random)).7", "10.1.2.\(Int.random(in: 1...254, using: &random))",
      "fd00::\(Int.random(in: 1...9, using: &random))", "127.0.0.1", "169.254.0.1", "::ffff:10.0.0.1", "010.0.0.1",
      "", "no-address", "10.0.0.1\n-j ACCEPT", "é")
  }

  private mutating func name() -> String {
    one("web", "db-1", "a.b", "UPPER", "", "x y", "käse", "node-with-a-long-name")
  }

  private mutating func port() -> Int { one(80, 443, 65_535, 8080, 0, -1, 70_000, Int(Int32.max), Int(Int32.min)) }

  private mutating func object(_ kind: String, _ apiVersion: String) -> [String: Any] {
    var metadata: [String: Any] = ["name": one("web", "db-1", name())]
    maybe(&metadata, "namespace", one("default", "lab", "Bad Name"))
    maybe(&metadata, "uid", "8c1f-\(Int.random(in: 1...9, using: &random))")
    maybe(&metadata, "resourceVersion", "\(Int.random(in: 1...1_000_000, using: &random))")
    if chance(10) { metadata["deletionTimestamp"] = "2026-11-21T00:45:31Z" }
    var labels: [String: Any] = ["app": "web"]
    if chance(80) { labels["kubernetes.io/service-name"] = one("web", "db-1", name()) }
    if chance(10) { labels["service.kubernetes.io/headless"] = "" }
    if chance(10) { labels["service.kubernetes.io/service-proxy-name"] = name() }
    if chance(40) { labels["topology.kubernetes.io/zone"] = one("zone-a", "eu-central-1-some-zone", "b d") }
    maybe(&metadata, "labels", labels)
    maybe(
      &metadata, "annotations",
      ["endpoints.kubernetes.io/last-change-trigger-time": one("2026-11-21T00:45:31.25Z", "yesterday"), "x": "y"])
    return ["kind": kind, "apiVersion": apiVersion, "metadata": metadata]
  }

  private mutating func service() -> [String: Any] {
    var spec: [String: Any] = [:]
    let addresses = list(2) { $0.address() }
    maybe(&spec, "clusterIP", addresses.first ?? one("None", ""))
    if chance(70) { spec["clusterIPs"] = addresses }
    if chance(40) { spec["ipFamilies"] = list(2) { $0.one("IPv4", "IPv6", "IPv5") } }
    maybe(&spec, "type", one("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Odd", ""))
    maybe(&spec, "externalIPs", list(2) { $0.address() })
    maybe(
      &spec, "loadBalancerSourceRanges", list(2) { $0.one("10.0.0.0/8", "fd00::/8", "10.0.0.0/33", " 10.9.0.0/16 ") })
    maybe(&spec, "sessionAffinity", one("None", "ClientIP", "Odd"))
    if chance(30) { spec["sessionAffinityConfig"] = ["clientIP": ["timeoutSeconds": one(1, 10_800, 0, 86_401)]] }
    maybe(&spec, "internalTrafficPolicy", one("Cluster", "Local", "Odd"))
    maybe(&spec, "externalTrafficPolicy", one("Cluster", "Local", ""))
    if chance(40) { spec["healthCheckNodePort"] = port() }
    spec["ports"] = list(3) { random -> [String: Any] in
      var port: [String: Any] = ["port": random.port(), "targetPort": random.one(8080 as Any, "http")]
      random.maybe(&port, "name", random.one("http", "dns", random.name()))
      random.maybe(&port, "protocol", random.one("TCP", "UDP", "SCTP", "ICMP"))
      if random.chance(30) { port["nodePort"] = random.port() }
      return port
    }
    var result = object("Service", "v1")
    maybe(&result, "spec", spec)
    if chance(40) {
      let ingress = list(2) { random -> [String: Any] in
        var point: [String: Any] = [:]
        random.maybe(&point, "ip", random.address())
        if random.chance(30) { point["ipMode"] = random.one("VIP", "Proxy", "Odd") }
        return point
      }
      result["status"] = ["loadBalancer": ["ingress": ingress]]
    }
    return result
  }

  private mutating func slice() -> [String: Any] {
    var result = object("EndpointSlice", "discovery.k8s.io/v1")
    maybe(&result, "addressType", one("IPv4", "IPv6", "FQDN", "Odd"))
    result["endpoints"] = list(4) { random -> [String: Any] in
      var endpoint: [String: Any] = [:]
      random.maybe(&endpoint, "addresses", random.list(2) { $0.address() })
      var conditions: [String: Any] = [:]
      for name in ["ready", "serving", "terminating"] { random.maybe(&conditions, name, random.one(true, false)) }
      random.maybe(&endpoint, "conditions", conditions)
      random.maybe(&endpoint, "nodeName", random.name())
      random.maybe(&endpoint, "zone", "zone-a")
      if random.chance(30) {
        endpoint["hints"] = [
          "forZones": random.list(2) { ["name": $0.one("zone-a", "", "b d")] },
          "forNodes": random.list(2) { ["name": $0.name()] },
        ]
      }
      return endpoint
    }
    result["ports"] = list(3) { random -> [String: Any] in
      var port: [String: Any] = [:]
      random.maybe(&port, "name", random.one("http", "", random.name()))
      random.maybe(&port, "protocol", random.one("TCP", "UDP", "SCTP", "ICMP"))
      random.maybe(&port, "port", random.port())
      return port
    }
    return result
  }

  private mutating func node() -> [String: Any] {
    var result = object("Node", "v1")
    var spec: [String: Any] = ["podCIDR": one("10.10.0.0/24", "", "x")]
    maybe(&spec, "podCIDRs", list(2) { $0.one("10.10.0.0/24", "fd00:10::/64", "x") })
    maybe(&spec, "taints", list(2) { ["key": $0.one("a", "ToBeDeletedByClusterAutoscaler"), "effect": "NoSchedule"] })
    result["spec"] = spec
    result["status"] = [
      "addresses": list(3) { ["type": $0.one("InternalIP", "ExternalIP", "Hostname"), "address": $0.address()] }
    ]
    return result
  }

  private mutating func serviceCIDR() -> [String: Any] {
    var result = object("ServiceCIDR", one("networking.k8s.io/v1", "networking.k8s.io/v1beta1"))
    result["spec"] = ["cidrs": list(2) { $0.one("10.96.0.0/12", "fd00::/108", "x") }]
    if chance(60) {
      result["status"] = [
        "conditions": list(2) { ["type": $0.one("Ready", "Other"), "status": $0.one("True", "False", "Unknown")] }
      ]
    }
    return result
  }
}
