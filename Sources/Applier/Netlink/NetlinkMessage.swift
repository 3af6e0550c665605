import CLinux
import Glibc
import Netlink

/// A message to the kernel's netfilter subsystems (nfnetlink), as bytes in the machine's order.
struct NetlinkRequest {
  private(set) var bytes: [UInt8] = []
  /// The kernel's answers have the same number.
  let sequence: UInt32

  /// - Parameters:
  ///   - kind: subsystem in the high byte, message in the low byte.
  ///   - flags: `NLM_F_*`. NLM_F_REQUEST is always added.
  ///   - family: 0 for any.
  ///   - resource: in network byte order. Batches name their subsystem here.
  init(kind: UInt16, flags: Int32, sequence: UInt32, family: UInt8 = 0, resource: UInt16 = 0) {
    self.sequence = sequence
    put(UInt32(0))
    put(kind)
    put(UInt16(NLM_F_REQUEST | flags))
    put(sequence)
    put(UInt32(0))
    // struct nfgenmsg: family, version 0, resource.
    put(family)
    put(UInt8(0))
    put(resource)
    fixLength()
  }

  /// Adds an attribute that holds a C string.
  mutating func add(_ attribute: Int, _ text: String) {
    let length = 4 + text.utf8.count + 1
    put(UInt16(length))
    put(UInt16(attribute))
    bytes += text.utf8
    bytes += [UInt8](repeating: 0, count: 1 + (4 - length % 4) % 4)
    fixLength()
  }

  /// Adds an attribute with other contents.
  mutating func add(_ attribute: Int, bytes value: [UInt8]) {
    put(UInt16(4 + value.count))
    put(UInt16(attribute))
    bytes += value
    bytes += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    fixLength()
  }

  func adding(_ attribute: Int, _ text: String) -> NetlinkRequest {
    var request = self
    request.add(attribute, text)
    return request
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  private mutating func fixLength() {
    withUnsafeBytes(of: UInt32(bytes.count)) { bytes.replaceSubrange(0..<4, with: $0) }
  }
}

/// A message from the kernel.
package struct NetlinkMessage {
  package static let headerSize = 16

  /// Subsystem in the high byte, message in the low byte. Values below 16 are netlink's own.
  let kind: UInt16
  /// `NLM_F_*`
  let flags: UInt16
  let sequence: UInt32
  /// The port of the socket whose request led to the message. The port of iptables is its pid.
  let port: UInt32
  /// The bytes after the header.
  package let payload: ArraySlice<UInt8>

  /// The messages of a datagram. Reading stops at a malformed message.
  package static func all(in datagram: ArraySlice<UInt8>) -> [NetlinkMessage] {
    var result: [NetlinkMessage] = []
    var rest = datagram
    while rest.count >= headerSize {
      let length = Int(rest.number(at: 0, UInt32.self))
      guard length >= headerSize, length <= rest.count else { break }
      result.append(
        NetlinkMessage(
          kind: rest.number(at: 4, UInt16.self), flags: rest.number(at: 6, UInt16.self),
          sequence: rest.number(at: 8, UInt32.self),
          port: rest.number(at: 12, UInt32.self), payload: rest.dropFirst(headerSize).prefix(length - headerSize)))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return result
  }

  /// The errno of an error message; 0 for an acknowledgement; nil for all other messages.
  package var errorCode: Int32? {
    guard kind == UInt16(NLMSG_ERROR), payload.count >= 4 else { return nil }
    return 0 &- payload.number(at: 0, Int32.self)
  }

  /// The attributes after nfnetlink's own header, by number.
  package var attributes: [Int: ArraySlice<UInt8>] {
    payload.dropFirst(4).withUnsafeBytes { bytes in
      NetlinkAttributes(bytes).reduce(into: [:]) { $0[$1.type] = ArraySlice($1.value) }
    }
  }

  /// `nfgen_family`
  var family: UInt8 { payload.first ?? 0 }
}

extension ArraySlice<UInt8> {
  /// A number in the machine's byte order, at `offset` bytes.
  func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
    var value = Number()
    Swift.withUnsafeMutableBytes(of: &value) { target in
      for index in target.indices { target[index] = self[startIndex + offset + index] }
    }
    return value
  }

  /// nil if there are not enough bytes.
  func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    count >= MemoryLayout<Number>.size ? Number(bigEndian: number(at: 0, type)) : nil
  }

  /// The text up to the terminating zero.
  var cString: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
