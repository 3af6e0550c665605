import HTTP

/// The decoded path and query of a request's target (RFC 3986 section 3.4).
package struct RequestTarget: Equatable {
  let path: String
  package let query: [String: String]

  /// nil unless the bytes are an absolute path with valid percent-encoding of UTF-8.
  package init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = PercentCoding.decode(parts[0], plusIsSpace: false) else { return nil }
    self.path = path
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : []).split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decode(halves[0], plusIsSpace: true),
        let value = PercentCoding.decode(halves.count > 1 ? halves[1] : [], plusIsSpace: true)
      else { return nil }
      if query[name] == nil { query[name] = value }
    }
    self.query = query
  }
}
