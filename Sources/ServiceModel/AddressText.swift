/// Parser and formatter of IP addresses as text (RFC 4291 section 2.2, RFC 5952).
enum AddressText {
  static func parse(_ text: some StringProtocol) -> IPAddress? {
    let bytes = Array(text.utf8)
    guard bytes.count <= 45 else { return nil }
    if bytes.contains(UInt8(ascii: ":")) {
      guard let bits = parseIPv6(bytes) else { return nil }
      if bits >> 32 == 0xffff { return IPAddress(family: .ipv4, bits: bits) }
      return IPAddress(family: .ipv6, bits: bits)
    }
    guard let bits = parseIPv4(bytes[...]) else { return nil }
    return IPAddress(family: .ipv4, bits: UInt128(bits))
  }

  static func format(_ address: IPAddress) -> String {
    switch address.family {
    case .ipv4:
      let value = UInt32(truncatingIfNeeded: address.bits)
      return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    case .ipv6:
      let groups = (0..<8).map { UInt16(truncatingIfNeeded: address.bits >> (112 - 16 * $0)) }
      return formatIPv6(groups)
    }
  }

  private static func parseIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var result: UInt32 = 0
    for part in parts {
      guard let octet = decimalOctet(part) else { return nil }
      result = result << 8 | octet
    }
    return result
  }

  private static func decimalOctet(_ digits: ArraySlice<UInt8>) -> UInt32? {
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    if digits.count > 1 && digits.first == 0x30 { return nil }
    let value = digits.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
    return value <= 255 ? value : nil
  }

  private static func parseIPv6(_ bytes: [UInt8]) -> UInt128? {
    let colon = UInt8(ascii: ":")
    var gap: Int?
    for index in bytes.indices.dropLast() where bytes[index] == colon && bytes[index + 1] == colon {
      if gap != nil { return nil }
      gap = index
    }
    guard let gap else {
      guard let groups = hexGroups(bytes[...]), groups.count == 8 else { return nil }
      return join(groups)
    }
    guard let head = hexGroups(bytes[..<gap], mayEndInIPv4: false), let tail = hexGroups(bytes[(gap + 2)...]),
      head.count + tail.count <= 7
    else { return nil }
    return join(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  private static func join(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

  private static func hexGroups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> [UInt16]? {
    guard !bytes.isEmpty else { return [] }
    var result: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let quad = parseIPv4(part) else { return nil }
        result += [UInt16(quad >> 16), UInt16(quad & 0xffff)]
        continue
      }
      guard (1...4).contains(part.count) else { return nil }
      var group: UInt16 = 0
      for byte in part {
        guard let digit = hexDigit(byte) else { return nil }
        group = group << 4 | digit
      }
      result.append(group)
    }
    return result.count <= 8 ? result : nil
  }

  private static func hexDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case 0x30...0x39: UInt16(byte - 0x30)
    case 0x41...0x46: UInt16(byte - 0x41 + 10)
    case 0x61...0x66: UInt16(byte - 0x61 + 10)
    default: nil
    }
  }

  /// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`.
  private static func formatIPv6(_ groups: [UInt16]) -> String {
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8 && groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if best.isEmpty { return text(groups[...]) }
    return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }
}
