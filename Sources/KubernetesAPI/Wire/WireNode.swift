/// The fields of core/v1 Node that are read.
struct WireNode: Decodable {
  struct Spec: Decodable {
    var podCIDR: String?
    var podCIDRs: [String]?
    var taints: [Taint]?
  }

  struct Taint: Decodable {
    var key: String?
  }

  struct Status: Decodable {
    var addresses: [Address]?
  }

  struct Address: Decodable {
    var type: String?
    var address: String?
  }

  var spec: Spec?
  var status: Status?
}
