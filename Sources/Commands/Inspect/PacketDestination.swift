import ArgumentParser
import Inspection
import ServiceModel

/// A destination as `--to` names it.
enum PacketDestination {
  case address(SocketAddress, TransportProtocol)
  case service(NamespacedName, port: String?)

  /// Why the words of `--to` are not a destination.
  struct Unreadable: Error, Hashable, CustomStringConvertible {
    let description: String
  }

  /// `10.0.0.1:53/udp`, `[fd00::1]:80`, `service ns/name:port`; the word `service` may be left out.
  init(_ words: [String]) throws(Unreadable) {
    var words = words[...]
    let saysService = words.first == "service"
    if saysService { words = words.dropFirst() }
    guard words.count == 1, let text = words.first else { throw PacketDestination.form }
    if let service = PacketDestination.service(text) {
      self = service
    } else if saysService || !PacketDestination.looksLikeAddress(text) {
      throw PacketDestination.form
    } else {
      self = try PacketDestination.address(text)
    }
  }

  private static let form = Unreadable(
    description: "--to takes ADDRESS:PORT[/PROTOCOL], or 'service' and NAMESPACE/NAME[:PORT].")

  private static func service(_ text: String) -> PacketDestination? {
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let label = ServiceLabel(halves[0]) else { return nil }
    if halves.count == 2 && halves[1].isEmpty { return nil }
    return .service(label.service, port: halves.count == 2 ? halves[1] : nil)
  }

  private static func looksLikeAddress(_ text: String) -> Bool {
    text.first.map { $0.isNumber || $0 == "[" } ?? false || text.split(separator: ":").count > 2
  }

  private static func address(_ text: String) throws(Unreadable) -> PacketDestination {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let transport = halves.count == 1 ? .tcp : TransportProtocol(rawValue: halves[1].uppercased())
    guard let transport else {
      throw Unreadable(description: "--to: '\(halves[1])' is not one of the protocols tcp, udp and sctp.")
    }
    let parts = HostAndPort(halves[0])
    guard let portText = parts.portText else {
      throw Unreadable(description: "--to: '\(halves[0])' lacks a port, as in \(halves[0]):80.")
    }
    guard let port = parts.port, port > 0 else {
      throw Unreadable(description: "--to: '\(portText)' is not a valid port; ports go from 1 to 65535.")
    }
    // An IPv6 address needs no brackets here.
    guard let address = IPAddress(parts.host) else {
      throw Unreadable(description: "--to: '\(parts.host)' is not an IP address.")
    }
    return .address(SocketAddress(address, port: port), transport)
  }
}

extension Vantage: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }

  /// The family of its address; nil if it has none.
  var family: IPFamily? {
    if case .address(let address) = self { return address.family }
    return nil
  }
}
