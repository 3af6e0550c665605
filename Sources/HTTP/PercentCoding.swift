/// Percent-encoding of the parts of URLs (RFC 3986 section 2.1).
package enum PercentCoding {
  /// Encodes everything except the unreserved characters, so the result has no meaning of its own in a path or query.
  package static func encode(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  /// nil if a percent sign is not followed by two hexadecimal digits, or if the result is not UTF-8.
  /// - Parameter plusIsSpace: whether `+` means a space, as when browsers encode the values of forms.
  package static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
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
}
