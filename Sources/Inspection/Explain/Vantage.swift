import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// The sender of a packet to be explained.
package enum Vantage: Hashable, Sendable {
  case address(IPAddress)
  /// Some pod on this node.
  case pod
  /// A client outside of the cluster.
  case outside
  /// A process on this host.
  case host

  /// Reads `pod`, `outside`, `host` or an address.
  package init?(_ text: String) {
    switch text {
    case "pod": self = .pod
    case "outside": self = .outside
    case "host": self = .host
    default:
      guard let address = IPAddress(text) else { return nil }
      self = .address(address)
    }
  }
}

extension Vantage {
  /// A pod, or this node if no address of a pod is known. The rules alone show addresses of pods only if they name the
  /// cluster CIDR.
  package static func usual(in scene: Scene) -> Vantage {
    Sender.somePod(scene) == nil && scene.nodeAddress != nil ? .host : .pod
  }
}

/// The address and interface that a vantage point stands for in one scene.
struct Sender {
  enum Failure: Error, Hashable {
    case otherFamily(IPAddress)
    /// Neither objects nor rules show which addresses pods have.
    case unknownPods
    /// No address of this host is known.
    case unknownHost
  }

  /// The sender in words.
  enum Role: String {
    case pod = "a pod"
    case outside = "a client outside"
    case stranger = "a client that is not a pod"
    case host = "this host"
  }

  let address: IPAddress
  let origin: Packet.Origin
  let role: Role

  init(_ vantage: Vantage, in scene: Scene, to destination: IPAddress) throws(Failure) {
    switch vantage {
    case .address(let address):
      guard address.family == scene.family else { throw .otherFamily(address) }
      if scene.host.isLocal(address) {
        self.init(address: address, origin: .host, role: .host)
      } else if Sender.isPod(address, in: scene) {
        self.init(address: address, origin: .interface(Sender.podInterface(scene)), role: .pod)
      } else {
        self.init(
          address: address, origin: .interface(Sender.outsideInterface(scene)), role: .stranger)
      }
    case .pod:
      guard let address = Sender.somePod(scene) else { throw .unknownPods }
      self.init(address: address, origin: .interface(Sender.podInterface(scene)), role: .pod)
    case .outside:
      let text = scene.family == .ipv4 ? "192.0.2.1" : "2001:db8::1"
      self.init(
        address: IPAddress(text)!, origin: .interface(Sender.outsideInterface(scene)), role: .outside)
    case .host:
      guard let address = destination.isLoopback ? destination : scene.nodeAddress else { throw .unknownHost }
      self.init(address: address, origin: .host, role: .host)
    }
  }

  private init(address: IPAddress, origin: Packet.Origin, role: Role) {
    self.address = address
    self.origin = origin
    self.role = role
  }

  private static func podBlocks(_ scene: Scene) -> [CIDR] {
    var blocks: [CIDR] = []
    if let options = scene.options, let node = scene.snapshot?.nodes[options.nodeName] {
      blocks += node.podCIDRs.filter { $0.family == scene.family }
    }
    if case .source(let cidr) = scene.localTraffic { blocks.append(cidr) }
    return blocks
  }

  private static func isPod(_ address: IPAddress, in scene: Scene) -> Bool {
    if podBlocks(scene).contains(where: { $0.contains(address) }) { return true }
    return scene.index.endpointAddresses.contains(address)
  }

  /// An address of the pods' block that no endpoint has. A packet from an endpoint could be sent back to its sender.
  fileprivate static func somePod(_ scene: Scene) -> IPAddress? {
    guard let block = podBlocks(scene).first else { return nil }
    let taken = scene.index.endpointAddresses.union(scene.host.localAddresses)
    let hostBits = block.family.addressBits - block.prefixLength
    let size = hostBits > 16 ? 70000 : UInt128(1) << UInt128(hostBits)
    // The first two addresses of a block are usually the network's and the gateway's.
    for offset in stride(from: 2, to: size, by: 1) {
      let address = IPAddress(family: block.family, bits: block.address.bits + offset)
      if !taken.contains(address) { return address }
    }
    return block.address
  }

  /// nil if the rules do not recognise pods by their interface.
  private static func podInterface(_ scene: Scene) -> String? {
    guard case .interface(let pattern) = scene.localTraffic else { return nil }
    return pattern.isPrefix ? pattern.name + "0" : pattern.name
  }

  private static func outsideInterface(_ scene: Scene) -> String? {
    guard case .interface(let pattern) = scene.localTraffic else { return nil }
    return pattern.matches("eth0") ? "outside0" : "eth0"
  }
}
