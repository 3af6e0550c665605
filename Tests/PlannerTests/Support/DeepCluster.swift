import ServiceModel

/// Load balancers whose addresses make a dispatch tree as deep as it can get: one of them branches off at every step of
/// the way to the others. The first two have so many endpoints that the rules choose one in several steps. One of the
/// two also has source ranges.
struct DeepCluster {
  let services: [TestService]

  init() {
    let base: UInt32 = 203 << 24 | 113 << 8
    let branches = (0..<7).map { base ^ 1 << (26 - 3 * $0) }
    let others = (1...40).map { base + $0 }
    services = (others + branches).enumerated().map { number, address in
      TestService(
        name: "s\(number)", clusterIP: "10.200.1.\(number)", ingress: [DeepCluster.text(address)],
        sourceRanges: number == 1 ? ["192.0.2.0/24"] : [], affinity: number == 2 ? 60 : nil,
        endpoints: (0..<(number < 2 ? 1000 : 1)).map { "10.10.\($0 / 250 + 2).\($0 % 250 + 1)" })
    }
  }

  private static func text(_ address: UInt32) -> String {
    "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
  }
}
