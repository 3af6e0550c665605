import CNetfilterConntrack
import Glibc
import ServiceModel

/// Deletes flows many at a time: one datagram to the kernel and one answer for a whole batch.
struct DeletionBatch {
  /// The kernel's error messages for a whole batch have to fit into a socket's default receive buffer.
  static let capacity = 128
  /// Room for the largest message: two headers, a tuple of IPv6 addresses, zone and id.
  private static let room = 256

  private let socket: NetlinkSocket
  private let family: IPFamily
  private var flows: [Flow] = []
  private var sequence: UInt32 = 1
  /// Entries that the kernel deleted.
  private(set) var deleted = 0
  /// Entries that were already gone.
  private(set) var vanished = 0
  /// Why the kernel refused to delete some entries. All other entries are deleted.
  private(set) var refusal: ConntrackError?

  init(socket: NetlinkSocket, family: IPFamily) {
    self.socket = socket
    self.family = family
    flows.reserveCapacity(DeletionBatch.capacity)
  }

  mutating func add(_ flow: Flow) throws(ConntrackError) {
    flows.append(flow)
    if flows.count == DeletionBatch.capacity { try flush() }
  }

  mutating func flush() throws(ConntrackError) {
    guard !flows.isEmpty else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(flows.count * 128)
    let last = sequence + UInt32(flows.count) - 1
    for flow in flows {
      guard let message = message(flow, sequence: sequence, wantsAnswer: sequence == last) else {
        throw ConntrackError(.delete, code: ENOMEM)
      }
      bytes += message
      sequence += 1
    }
    try socket.send(bytes, as: .delete)
    var answers = BatchAnswers(last: last)
    while !answers.isComplete {
      _ = try socket.receive(
        as: .delete, onError: { (code, number) throws(ConntrackError) in answers.take(code, to: number) },
        { (_) throws(ConntrackError) in })
    }
    if answers.busy > 0 { refusal = ConntrackError(.delete, code: EBUSY) }
    deleted += flows.count - answers.gone - answers.busy
    vanished += answers.gone
    flows.removeAll(keepingCapacity: true)
  }

  /// nil if no memory is left.
  private func message(_ flow: Flow, sequence: UInt32, wantsAnswer: Bool) -> [UInt8]? {
    guard let entry = nfct_new() else { return nil }
    defer { nfct_destroy(entry) }
    FlowMessage.identify(flow, in: entry)
    let header = MemoryLayout<nlmsghdr>.size + MemoryLayout<nfgenmsg>.size
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: DeletionBatch.room, alignment: 8)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    let message = buffer.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)
    message.pointee.nlmsg_len = UInt32(header)
    message.pointee.nlmsg_type = UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_DELETE.rawValue)
    message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST) | (wantsAnswer ? UInt16(NLM_F_ACK) : 0)
    message.pointee.nlmsg_seq = sequence
    buffer[MemoryLayout<nlmsghdr>.size] = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    guard nfct_nlmsg_build(message, entry) == 0 else { return nil }
    var bytes = Array(buffer[..<Int(message.pointee.nlmsg_len)])
    // The library does not write the id. The id makes the kernel spare a newer entry that has the same tuple.
    bytes += withUnsafeBytes(of: UInt16(8), Array.init) + withUnsafeBytes(of: UInt16(CTA_ID.rawValue), Array.init)
    bytes += withUnsafeBytes(of: flow.id.bigEndian, Array.init)
    withUnsafeBytes(of: UInt32(bytes.count)) { bytes.replaceSubrange(0..<4, with: $0) }
    return bytes
  }
}
