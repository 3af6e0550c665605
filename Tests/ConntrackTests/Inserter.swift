import CNetfilterConntrack
import Glibc
import ServiceModel

@testable import Conntrack

/// Puts flows that nobody sent into the kernel's table, many in one datagram.
struct Inserter {
  private static let room = 512
  /// From linux/netfilter/nf_conntrack_tcp.h.
  private static let tcpEstablished: UInt8 = 3

  /// Inserts on the calling thread, in its namespace.
  static func insert(_ flows: some Sequence<Flow>) throws(ConntrackError) {
    let socket = try NetlinkSocket()
    var batch: [UInt8] = []
    var sequence: UInt32 = 0
    var last: UInt32 = 0
    func flush() throws(ConntrackError) {
      guard !batch.isEmpty else { return }
      // An empty message asks for an answer after all others.
      try socket.send(batch, as: .delete)
      while last < sequence {
        _ = try socket.receive(
          as: .delete,
          onError: { (code, number) throws(ConntrackError) in
            last = number
            return code == 0
          }, { (_) throws(ConntrackError) in })
      }
      batch = []
    }
    var count = 0
    for flow in flows {
      count += 1
      sequence += 1
      batch += message(flow, sequence: sequence)
      if count % 64 == 0 { try flush() }
    }
    try flush()
  }

  /// The message that makes a flow; one that tells of it is the same.
  static func message(_ flow: Flow, sequence: UInt32) -> [UInt8] {
    let entry = nfct_new()!
    defer { nfct_destroy(entry) }
    FlowMessage.identify(flow, in: entry)
    let isIPv4 = flow.destination.address.family == .ipv4
    let kinds = isIPv4 ? TupleAttributes.ipv4 : TupleAttributes.ipv6
    kinds[2].write(flow.replySource, to: entry)
    kinds[3].write(flow.replyDestination, to: entry)
    nfct_set_attr_u8(entry, ATTR_REPL_L3PROTO, UInt8(isIPv4 ? AF_INET : AF_INET6))
    nfct_set_attr_u8(entry, ATTR_REPL_L4PROTO, flow.transport.number)
    nfct_set_attr_u32(entry, ATTR_TIMEOUT, 600)
    if flow.transport == .tcp { nfct_set_attr_u8(entry, ATTR_TCP_STATE, tcpEstablished) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 8)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    let message = buffer.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)
    message.pointee.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + MemoryLayout<nfgenmsg>.size)
    message.pointee.nlmsg_type = UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_NEW.rawValue)
    message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK)
    message.pointee.nlmsg_seq = sequence
    buffer[MemoryLayout<nlmsghdr>.size] = UInt8(isIPv4 ? AF_INET : AF_INET6)
    precondition(nfct_nlmsg_build(message, entry) == 0)
    return Array(buffer[..<Int(message.pointee.nlmsg_len)])
  }
}
