/// The fields of core/v1 Service that are read.
struct WireService: Decodable {
  struct Spec: Decodable {
    var type: String?
    var clusterIP: String?
    var clusterIPs: [String]?
    var ipFamilies: [String]?
    var externalIPs: [String]?
    var loadBalancerSourceRanges: [String]?
    var ports: [Port]?
    var sessionAffinity: String?
    var sessionAffinityConfig: SessionAffinityConfig?
    var internalTrafficPolicy: String?
    var externalTrafficPolicy: String?
    var healthCheckNodePort: Int?
  }

  struct Port: Decodable {
    var name: String?
    var `protocol`: String?
    var port: Int?
    var nodePort: Int?
  }

  struct SessionAffinityConfig: Decodable {
    var clientIP: ClientIP?
  }

  struct ClientIP: Decodable {
    var timeoutSeconds: Int?
  }

  struct Status: Decodable {
    var loadBalancer: LoadBalancer?
  }

  struct LoadBalancer: Decodable {
    var ingress: [Ingress]?
  }

  struct Ingress: Decodable {
    var ip: String?
    var ipMode: String?
  }

  var spec: Spec?
  var status: Status?
}
