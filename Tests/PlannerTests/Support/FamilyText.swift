import ServiceModel

/// Tests are written with IPv4 addresses and run for both families: for IPv6 every address in a text is replaced by
/// its counterpart, 10.10.1.5 by fd00:10:10:1::5 and 10.10.0.0/16 by fd00:10:10::/48.
///
/// Conventions: this node is `here`, 172.18.0.3, in zone `a`; pods 10.10.1.x run here, 10.10.2.x on node `there`,
/// 10.10.3.x on node `elsewhere`; cluster IPs 10.200.x.x, external IPs 198.51.100.x, load balancers 203.0.113.x,
/// clients outside 192.0.2.x, node ports from 30000 on.
struct FamilyText {
  let family: IPFamily

  init(_ family: IPFamily) { self.family = family }

  func callAsFunction(_ text: String) -> String {
    guard family == .ipv6 else { return text }
    var result = ""
    var rest = text[...]
    while let first = rest.first {
      guard first.isNumber else {
        result.append(rest.removeFirst())
        continue
      }
      let token = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(token.count)
      guard token.contains("."), let address = IPAddress(token) else {
        result += token
        continue
      }
      result += counterpart(of: address, followedBy: &rest)
    }
    return result
  }

  func address(_ text: String) -> IPAddress { IPAddress(self(text))! }
  func cidr(_ text: String) -> CIDR { CIDR(self(text))! }

  /// `10.10.1.5:80`
  func socket(_ text: String) -> SocketAddress { SocketAddress(self(text))! }

  private func counterpart(of address: IPAddress, followedBy rest: inout Substring) -> String {
    let octets = (0..<4).map { UInt8(truncatingIfNeeded: address.bits >> UInt128(24 - 8 * $0)) }
    if rest.first == "/" {
      let digits = rest.dropFirst().prefix { $0.isNumber }
      if let length = Int(digits), length <= 32 {
        rest = rest.dropFirst(digits.count + 1)
        if address.isLoopback { return "::1/128" }
        return length == 0 ? "::/0" : "\(counterpart(of: octets))/\(length == 32 ? 128 : 16 + 2 * length)"
      }
    }
    let text = address.isLoopback ? "::1" : counterpart(of: octets).description
    return rest.first == ":" && rest.dropFirst().first?.isNumber == true ? "[\(text)]" : text
  }

  /// Each octet's decimal digits, read as the hexadecimal digits of a group; the last octet at the end.
  private func counterpart(of octets: [UInt8]) -> IPAddress {
    let groups = octets.map { UInt128(String($0), radix: 16)! }
    let bits = 0xfd00 << 112 | groups[0] << 96 | groups[1] << 80 | groups[2] << 64 | groups[3]
    return IPAddress(family: .ipv6, bits: bits)
  }
}
