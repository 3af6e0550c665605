/// The transport protocols that a Service port can have (core/v1 Protocol).
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case tcp = "TCP"
  case udp = "UDP"
  case sctp = "SCTP"

  /// The spelling of iptables. The hashes in chain names use it too.
  package var lowercased: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .sctp: "sctp"
    }
  }

  /// The IANA protocol number.
  package var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }

  package static func < (left: TransportProtocol, right: TransportProtocol) -> Bool { left.number < right.number }
}
