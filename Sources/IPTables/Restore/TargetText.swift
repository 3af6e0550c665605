import ServiceModel

/// Makes targets from words.
enum TargetText {
  static func target(_ name: String, _ words: [String]) -> Target {
    switch name {
    case "ACCEPT" where words.isEmpty: return .accept
    case "DROP" where words.isEmpty: return .drop
    case "RETURN" where words.isEmpty: return .return
    case "REJECT" where isDefaultReject(words): return .reject
    case "MASQUERADE" where words.isEmpty: return .masquerade(randomFully: false)
    case "MASQUERADE" where words == ["--random-fully"]: return .masquerade(randomFully: true)
    case "MARK": return mark(words) ?? .other([name] + words)
    case "DNAT":
      guard words.count == 2, words[0] == "--to-destination", let address = SocketAddress(words[1]) else { break }
      return .destinationNAT(address)
    default:
      if words.isEmpty, !extensions.contains(name), RestoreWords.isPlain(name.utf8) { return .jump(ChainName(name)) }
    }
    return .other([name] + words)
  }

  private static func isDefaultReject(_ words: [String]) -> Bool {
    words.isEmpty || words == ["--reject-with", "icmp-port-unreachable"]
      || words == ["--reject-with", "icmp6-port-unreachable"]
  }

  /// Bits to set or to flip, in any spelling of xt_MARK; nil for other changes of the mark.
  private static func mark(_ words: [String]) -> Target? {
    guard words.count == 2, let mark = MarkText(words[1]) else { return nil }
    let hasMask = words[1].utf8.contains(UInt8(ascii: "/"))
    switch words[0] {
    case "--or-mark": return hasMask ? nil : .setMark(mark.value)
    case "--xor-mark": return hasMask ? nil : .flipMark(mark.value)
    case "--set-xmark" where mark.value == mark.mask: return .setMark(mark.value)
    case "--set-xmark" where mark.mask == 0: return .flipMark(mark.value)
    case "--set-mark" where mark.value | mark.mask == mark.value: return .setMark(mark.value)
    default: return nil
    }
  }

  /// Targets that can stand without options. Without this list they would look like chains.
  private static let extensions: Set<String> = [
    "ACCEPT", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DROP", "DSCP",
    "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE", "NOTRACK",
    "QUEUE", "RATEEST", "REDIRECT", "REJECT", "RETURN", "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY", "TCPMSS",
    "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG",
  ]
}

/// `VALUE` or `VALUE/MASK`, decimal or hexadecimal with 0x.
package struct MarkText: Equatable {
  package var value: UInt32
  package var mask: UInt32

  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let value = MarkText.number(parts[0]) else { return nil }
    self.value = value
    mask = .max
    if parts.count == 2 {
      guard let mask = MarkText.number(parts[1]) else { return nil }
      self.mask = mask
    }
  }

  private static func number(_ text: Substring) -> UInt32? {
    text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
  }
}

enum TransportProtocolText {
  static func byName(_ name: String) -> TransportProtocol? {
    switch name {
    case "tcp": .tcp
    case "udp": .udp
    case "sctp": .sctp
    default: nil
    }
  }
}
