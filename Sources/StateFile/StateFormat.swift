/// The format of a state file, version 1:
///
///     "SKPSTATE"  version (2 bytes)  header  Nodes  ServiceCIDRs  Services with their slices  SHA-256 of all of that
///
/// Numbers have a fixed width, most significant byte first, or are varints: seven bits a byte, the lowest first, the
/// top bit set in all bytes but the last. A string is its length as a varint and its UTF-8. Names that appear often
/// (namespaces, nodes, zones, ports) are numbered from 1 in the order of their first use. The first use is written as 0
/// and the string, and each further use as the number.
enum StateFormat {
  static let magic = Array("SKPSTATE".utf8)
  static let version = 1
  static let checksumSize = 32
  /// Magic and version.
  static let prefixSize = 10
  /// 250,000 IPv6 endpoints need less than 6 MiB.
  static let byteLimit = 32 << 20
  static let bufferSize = 64 << 10

  enum ServiceFlags {
    static let typeMask = 0b11
    static let internalLocal = 1 << 2
    static let externalLocal = 1 << 3
    static let unreadableRanges = 1 << 4
    static let affinity = 1 << 5
    static let healthCheck = 1 << 6
    static let remarks = 1 << 7
  }

  enum SliceFlags {
    static let ipv6: UInt8 = 1 << 0
    static let time: UInt8 = 1 << 1
    static let remarks: UInt8 = 1 << 2
    /// The slice's name begins with the Service's name. Only the rest of it is written.
    static let suffixOnly: UInt8 = 1 << 3
  }

  /// The lowest three bits are the endpoint's conditions.
  enum EndpointFlags {
    static let conditions: UInt8 = 0b111
    static let node: UInt8 = 1 << 3
    static let zoneHints: UInt8 = 1 << 4
    static let nodeHints: UInt8 = 1 << 5
  }
}
