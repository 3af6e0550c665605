/// The name of a chain. A large cluster has hundreds of thousands of service chains, so only the 80 bits of their hash
/// are kept.
///
/// Names sort byte by byte, as in iptables.
package enum ChainName: Hashable, Sendable {
  /// `KUBE-SVC-` or a similar prefix, with 16 characters of base32.
  case hashed(Prefix, Hash)
  /// Any other name: built-in, well-known or foreign.
  case named(String)

  /// The families of service chains. kube-proxy's clean-up removes all chains of these families that it does not know.
  package enum Prefix: String, Hashable, Sendable, CaseIterable {
    case external = "KUBE-EXT-"
    case firewall = "KUBE-FW-"
    case endpoint = "KUBE-SEP-"
    case cluster = "KUBE-SVC-"
    case local = "KUBE-SVL-"
  }

  /// 16 base32 digits (RFC 4648) in 80 bits. The encoding keeps the order: numbers sort as the texts do.
  package struct Hash: Hashable, Sendable, Comparable {
    let high: UInt64
    let low: UInt16

    /// From the first ten bytes of a digest.
    package init(digest: UnsafeRawBufferPointer) {
      func half(_ offset: Int) -> UInt64 { (0..<5).reduce(0) { $0 << 8 | UInt64(digest[offset + $1]) } }
      self.init(Hash.ranked(half(0)), Hash.ranked(half(5)))
    }

    /// nil unless `text` is 16 characters of A-Z and 2-7.
    init?(text: some Collection<UInt8>) {
      guard text.count == 16 else { return nil }
      var halves: [UInt64] = [0, 0]
      for (index, byte) in text.enumerated() {
        switch byte {
        case 0x32...0x37: halves[index / 8] = halves[index / 8] << 5 | UInt64(byte - 0x32)
        case 0x41...0x5a: halves[index / 8] = halves[index / 8] << 5 | UInt64(byte - 0x41 + 6)
        default: return nil
        }
      }
      self.init(halves[0], halves[1])
    }

    /// From the ranks of the first and the last eight digits.
    private init(_ first: UInt64, _ last: UInt64) {
      high = first << 24 | last >> 16
      low = UInt16(truncatingIfNeeded: last)
    }

    /// Eight base32 digits, each replaced by its rank in ASCII, where 2-7 come before A-Z.
    private static func ranked(_ digits: UInt64) -> UInt64 {
      var result: UInt64 = 0
      for shift in stride(from: UInt64(35), through: 0, by: -5) {
        let digit = digits >> shift & 31
        result = result << 5 | (digit >= 26 ? digit - 26 : digit + 6)
      }
      return result
    }

    /// The first 64 bits.
    package var leadingBits: UInt64 { high }

    /// The 16 characters.
    package func write(to buffer: inout [UInt8]) {
      for half in [high >> 24, (high & 0xff_ffff) << 16 | UInt64(low)] {
        for shift in stride(from: UInt64(35), through: 0, by: -5) {
          let rank = UInt8(truncatingIfNeeded: half >> shift & 31)
          buffer.append(rank < 6 ? 0x32 + rank : 0x41 + rank - 6)
        }
      }
    }

    package static func < (left: Hash, right: Hash) -> Bool { (left.high, left.low) < (right.high, right.low) }
  }

  /// Reads any name. Equal names always get the same representation.
  package init(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

  /// Reads any name from its bytes.
  init(utf8 bytes: some Collection<UInt8>) {
    // Hashed names have 24 or 25 bytes.
    if bytes.count == 24 || bytes.count == 25 {
      for prefix in Prefix.allCases where bytes.starts(with: prefix.rawValue.utf8) {
        if let hash = Hash(text: bytes.dropFirst(prefix.rawValue.utf8.count)) {
          self = .hashed(prefix, hash)
          return
        }
      }
    }
    self = .named(String(decoding: bytes, as: UTF8.self))
  }

  /// The family of service chains it belongs to; nil for all other chains.
  package var prefix: Prefix? {
    if case .hashed(let prefix, _) = self { return prefix }
    return nil
  }

  /// The part that differs between service chains of one prefix; nil for all other chains.
  package var hash: Hash? {
    if case .hashed(_, let hash) = self { return hash }
    return nil
  }

  /// Appends the name's bytes.
  package func write(to buffer: inout [UInt8]) {
    switch self {
    case .hashed(let prefix, let hash):
      buffer.append(contentsOf: prefix.rawValue.utf8)
      hash.write(to: &buffer)
    case .named(let text):
      buffer.append(contentsOf: text.utf8)
    }
  }
}

extension ChainName: Comparable {
  package static func < (left: ChainName, right: ChainName) -> Bool {
    if case .hashed(let a, let x) = left, case .hashed(let b, let y) = right {
      return a == b ? x < y : a.rawValue < b.rawValue
    }
    return left.description < right.description
  }
}

extension ChainName: CustomStringConvertible, ExpressibleByStringLiteral {
  package var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(28)
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  package init(stringLiteral value: String) { self.init(value) }
}
