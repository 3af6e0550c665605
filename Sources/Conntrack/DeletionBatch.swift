import CNetfilterConntrack
import Glibc
import Netlink
import ServiceModel
import System

/// Deletes flows many at a time: one datagram to the kernel and one answer for a whole batch.
struct DeletionBatch {
  /// The kernel's error messages for a whole batch have to fit into a socket's default receive buffer.
  static let capacity = 128
  /// Room for the largest message: a tuple of IPv6 addresses, and a zone.
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
    var requests: [NetlinkRequest] = []
    let last = sequence + UInt32(flows.count) - 1
    for flow in flows {
      guard let request = request(flow, sequence: sequence, wantsAnswer: sequence == last) else {
        throw ConntrackError(.delete, code: ENOMEM)
      }
      requests.append(request)
      sequence += 1
    }
    var answers = BatchAnswers(last: last)
    try ConntrackError.during(.delete) { () throws(SystemError) in
      try socket.send(requests)
      while !answers.isComplete {
        for answer in try socket.receive(before: ContinuousClock.now + .seconds(10)) {
          guard let code = answer.errorCode, !answers.take(code, to: answer.sequence) else { continue }
          throw SystemError(action: "delete conntrack entries", code: code)
        }
      }
    }
    if answers.busy > 0 { refusal = ConntrackError(.delete, code: EBUSY) }
    deleted += flows.count - answers.gone - answers.busy
    vanished += answers.gone
    flows.removeAll(keepingCapacity: true)
  }

  /// nil if no memory is left.
  private func request(_ flow: Flow, sequence: UInt32, wantsAnswer: Bool) -> NetlinkRequest? {
    guard let entry = nfct_new() else { return nil }
    defer { nfct_destroy(entry) }
    FlowMessage.identify(flow, in: entry)
    var request = NetlinkRequest(
      subsystem: UInt16(NFNL_SUBSYS_CTNETLINK), message: IPCTNL_MSG_CT_DELETE.rawValue,
      flags: wantsAnswer ? NLM_F_ACK : 0, sequence: sequence, family: family)
    guard request.add(entry, room: DeletionBatch.room) else { return nil }
    // The library does not write the id. The id makes the kernel spare a newer entry that has the same tuple.
    request.add(CTA_ID.rawValue, withUnsafeBytes(of: flow.id.bigEndian, Array.init))
    return request
  }
}
