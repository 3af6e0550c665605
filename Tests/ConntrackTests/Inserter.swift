import CNetfilterConntrack
import Netlink
import ServiceModel
import System

@testable import Conntrack

/// Puts flows that nobody sent into the kernel's table, many in one datagram.
struct Inserter {
  private static let room = 512
  /// From linux/netfilter/nf_conntrack_tcp.h.
  private static let tcpEstablished: UInt8 = 3

  /// Inserts on the calling thread, in its namespace.
  static func insert(_ flows: some Sequence<Flow>) throws(SystemError) {
    let socket = try NetlinkSocket()
    var batch: [NetlinkRequest] = []
    var sequence: UInt32 = 0
    var last: UInt32 = 0
    func flush() throws(SystemError) {
      guard !batch.isEmpty else { return }
      try socket.send(batch)
      while last < sequence {
        for message in try socket.receive(before: ContinuousClock.now + .seconds(10)) {
          guard let code = message.errorCode else { continue }
          last = message.sequence
          if code != 0 { throw SystemError(action: "insert conntrack entries", code: code) }
        }
      }
      batch = []
    }
    var count = 0
    for flow in flows {
      count += 1
      sequence += 1
      batch.append(request(flow, sequence: sequence))
      if count % 64 == 0 { try flush() }
    }
    try flush()
  }

  private static let ipv4Reply = (
    source: TupleAttributes(family: .ipv4, address: ATTR_REPL_IPV4_SRC, port: ATTR_REPL_PORT_SRC),
    destination: TupleAttributes(family: .ipv4, address: ATTR_REPL_IPV4_DST, port: ATTR_REPL_PORT_DST)
  )
  private static let ipv6Reply = (
    source: TupleAttributes(family: .ipv6, address: ATTR_REPL_IPV6_SRC, port: ATTR_REPL_PORT_SRC),
    destination: TupleAttributes(family: .ipv6, address: ATTR_REPL_IPV6_DST, port: ATTR_REPL_PORT_DST)
  )

  /// The message that makes a flow; one that tells of it is the same.
  static func request(_ flow: Flow, sequence: UInt32) -> NetlinkRequest {
    let entry = nfct_new()!
    defer { nfct_destroy(entry) }
    FlowMessage.identify(flow, in: entry)
    let family = flow.destination.address.family
    let (source, destination) = family == .ipv4 ? ipv4Reply : ipv6Reply
    source.write(flow.replySource, to: entry)
    destination.write(flow.replyDestination, to: entry)
    nfct_set_attr_u8(entry, ATTR_REPL_L3PROTO, family.netfilterNumber)
    nfct_set_attr_u8(entry, ATTR_REPL_L4PROTO, flow.transport.number)
    nfct_set_attr_u32(entry, ATTR_TIMEOUT, 600)
    if flow.transport == .tcp { nfct_set_attr_u8(entry, ATTR_TCP_STATE, tcpEstablished) }
    var request = NetlinkRequest(
      subsystem: UInt16(NFNL_SUBSYS_CTNETLINK), message: IPCTNL_MSG_CT_NEW.rawValue,
      flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, sequence: sequence, family: family)
    precondition(request.add(entry, room: room))
    return request
  }
}
