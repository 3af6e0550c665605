import CLinux
import Glibc
import ServiceModel

/// A message to the kernel's netfilter subsystems (nfnetlink), as bytes in the machine's order.
package struct NetlinkRequest: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// The kernel's answers have the same number.
  package let sequence: UInt32

  /// - Parameters:
  ///   - subsystem: `NFNL_SUBSYS_*`; 0 for the messages that nfnetlink itself handles.
  ///   - message: the number of the message in its subsystem.
  ///   - flags: `NLM_F_*`. NLM_F_REQUEST is always added.
  ///   - family: nil for any.
  ///   - resource: in network byte order. Batches name their subsystem here.
  package init(
    subsystem: UInt16, message: UInt32, flags: Int32, sequence: UInt32, family: IPFamily? = nil, resource: UInt16 = 0
  ) {
    self.sequence = sequence
    put(UInt32(0))
    put(subsystem << 8 | UInt16(message))
    put(UInt16(NLM_F_REQUEST | flags))
    put(sequence)
    put(UInt32(0))
    // struct nfgenmsg: family, version 0, resource.
    put(family?.netfilterNumber ?? 0)
    put(UInt8(0))
    put(resource)
    fixLength()
  }

  /// Adds an attribute that holds a C string.
  package mutating func add(_ attribute: UInt32, _ text: String) { add(attribute, Array(text.utf8) + [0]) }

  /// Adds an attribute that holds these bytes.
  package mutating func add(_ attribute: UInt32, _ value: [UInt8]) {
    put(UInt16(4 + value.count))
    put(UInt16(attribute))
    bytes += value
    bytes += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    fixLength()
  }

  /// Adds an attribute that holds the attributes that `body` adds.
  package mutating func nest(_ attribute: UInt32, _ body: (inout NetlinkRequest) -> Void) {
    let start = bytes.count
    add(attribute | UInt32(NLA_F_NESTED), [])
    body(&self)
    withUnsafeBytes(of: UInt16(bytes.count - start)) { bytes.replaceSubrange(start..<start + 2, with: $0) }
  }

  /// Adds what a C library writes. `body` gets the message with `room` zeros after it. It writes there, and changes the
  /// length in the message's header.
  package mutating func add<Result>(room: Int, _ body: (UnsafeMutableRawPointer) -> Result) -> Result {
    let size = bytes.count + room
    return withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      buffer.copyBytes(from: bytes)
      let result = body(buffer.baseAddress!)
      bytes = Array(buffer.prefix(Int(buffer.load(as: UInt32.self))))
      return result
    }
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  private mutating func fixLength() {
    withUnsafeBytes(of: UInt32(bytes.count)) { bytes.replaceSubrange(0..<4, with: $0) }
  }
}

extension IPFamily {
  /// `NFPROTO_*`, which is the same as `AF_*`.
  package var netfilterNumber: UInt8 { UInt8(self == .ipv4 ? AF_INET : AF_INET6) }
}
