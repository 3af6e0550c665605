/// The parts of `HOST:PORT`. An IPv6 address stands in brackets there, because it has colons itself.
package struct HostAndPort {
  /// Without its brackets.
  package let host: Substring
  package let hasBrackets: Bool
  /// The text after the host's colon; nil if there is no such colon.
  package let portText: Substring?

  /// Splits the text at the last colon that is not in brackets. The caller checks the parts.
  package init(_ text: some StringProtocol) {
    let text = Substring(text)
    let start = text.utf8.lastIndex(of: UInt8(ascii: "]")) ?? text.startIndex
    let colon = text.utf8[start...].lastIndex(of: UInt8(ascii: ":"))
    let host = text[..<(colon ?? text.endIndex)]
    portText = colon.map { text[text.utf8.index(after: $0)...] }
    hasBrackets = host.hasPrefix("[") && host.hasSuffix("]")
    self.host = hasBrackets ? host.dropFirst().dropLast() : host
  }

  /// nil unless the text after the colon consists of digits and is at most 65535.
  package var port: UInt16? {
    guard let portText, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt16(portText)
  }

  /// The host as an address; nil if it is not an address, if an IPv6 address has no brackets, or if an IPv4 address has
  /// brackets.
  /// - Parameter read: reads an address without brackets.
  package func address(_ read: (Substring) -> IPAddress? = { IPAddress($0) }) -> IPAddress? {
    guard let address = read(host), hasBrackets == (address.family == .ipv6) else { return nil }
    return address
  }

  /// A name or an address as text that a port can follow: an IPv6 address in brackets.
  package static func bracketed(_ host: some StringProtocol) -> String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : String(host)
  }
}
