import ArgumentParser
import Inspection
import ServiceModel

/// What `--to` can name.
enum PacketDestination {
  case address(SocketAddress, TransportProtocol)
  case service(NamespacedName, port: String?)

  /// `10.0.0.1:53/udp`, `[fd00::1]:80`, `service ns/name:port`; the word `service` may be left out.
  init?(_ words: [String]) {
    var words = words[...]
    let saysService = words.first == "service"
    if saysService { words = words.dropFirst() }
    guard words.count == 1, let text = words.first else { return nil }
    if !saysService, let known = PacketDestination.address(text) {
      self = known
      return
    }
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let label = ServiceLabel(halves[0]) else { return nil }
    if halves.count == 2 && halves[1].isEmpty { return nil }
    self = .service(label.service, port: halves.count == 2 ? halves[1] : nil)
  }

  private static func address(_ text: String) -> PacketDestination? {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard halves.count <= 2, let colon = halves[0].lastIndex(of: ":"),
      let port = UInt16(halves[0][halves[0].index(after: colon)...])
    else { return nil }
    var host = halves[0][..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard let address = IPAddress(host) else { return nil }
    let transport = halves.count == 1 ? .tcp : TransportProtocol(rawValue: halves[1].uppercased())
    guard let transport else { return nil }
    return .address(SocketAddress(address, port: port), transport)
  }
}

extension Vantage: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }

  public var defaultValueDescription: String { "pod" }

  /// The family of its address; nil if it has none.
  var family: IPFamily? {
    if case .address(let address) = self { return address.family }
    return nil
  }
}
