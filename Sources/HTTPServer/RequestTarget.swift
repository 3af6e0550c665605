/// The decoded path and query of a request's target (RFC 3986 sections 2.1 and 3.4).
package struct RequestTarget: Equatable {
  let path: String
  package let query: [String: String]

  /// nil unless the bytes are an absolute path with valid percent-encoding of UTF-8.
  package init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = RequestTarget.decode(parts[0], plusIsSpace: false) else { return nil }
    self.path = path
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : []).split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = RequestTarget.decode(halves[0], plusIsSpace: true),
        let value = RequestTarget.decode(halves.count > 1 ? halves[1] : [], plusIsSpace: true)
      else { return nil }
      if query[name] == nil { query[name] = value }
    }
    self.query = query
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
    var result: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "%"):
        guard index + 2 < bytes.endIndex,
          let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16),
          bytes[index + 1] != UInt8(ascii: "+"), bytes[index + 1] != UInt8(ascii: "-")
        else { return nil }
        result.append(byte)
        index += 2
      case UInt8(ascii: "+") where plusIsSpace: result.append(0x20)
      case let byte: result.append(byte)
      }
      index += 1
    }
    return String(validating: result, as: UTF8.self)
  }

  /// Percent-encodes every character that can have a meaning in a query.
  package static func encode(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
