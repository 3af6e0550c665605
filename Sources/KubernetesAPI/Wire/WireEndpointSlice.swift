/// The fields of discovery/v1 EndpointSlice that are read.
struct WireEndpointSlice: Decodable {
  struct Endpoint: Decodable {
    var addresses: [String]?
    var conditions: Conditions?
    var nodeName: String?
    var hints: Hints?
  }

  struct Conditions: Decodable {
    var ready: Bool?
    var serving: Bool?
    var terminating: Bool?
  }

  struct Hints: Decodable {
    var forZones: [Named]?
    var forNodes: [Named]?
  }

  struct Named: Decodable {
    var name: String?
  }

  struct Port: Decodable {
    var name: String?
    var `protocol`: String?
    var port: Int?
  }

  var addressType: String?
  var endpoints: [Endpoint]?
  var ports: [Port]?
}
