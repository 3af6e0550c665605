import Applier
import CNetfilterConntrack
import Conntrack
import IPTables
import ServiceModel

/// Datagrams of the kernel.
extension FuzzReader {
  package static let nftables = FuzzReader("nftables", words: []) { (bytes) throws(Finding) in
    var reader = ForeignChangeReader { $0 == 1 }
    var used = 0
    for message in NetlinkMessage.all(in: bytes[...]) {
      used += message.payload.count + NetlinkMessage.headerSize
      if let change = reader.consume(message) {
        try require(!change.families.isEmpty, "a change concerns no family")
      }
      _ = message.errorCode
      let rule = NFTablesRule(message.attributes).rule
      try require(rule.matches.count <= message.payload.count, "a rule has more matches than bytes")
    }
    try require(used <= bytes.count, "messages are longer than their datagram")
  }

  package static let conntrack = FuzzReader("conntrack", words: []) { (bytes) throws(Finding) in
    guard bytes.count >= MemoryLayout<nlmsghdr>.size else { return }
    // The length of the whole message is checked where the datagram is split.
    let length = UInt32(bytes.count)
    let message = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
    defer { message.deallocate() }
    message.copyBytes(from: bytes)
    message.storeBytes(of: length, as: UInt32.self)
    guard let start = message.baseAddress,
      let flow = FlowMessage.flow(start.assumingMemoryBound(to: nlmsghdr.self))
    else { return }
    try require(flow.source.address.family == flow.destination.address.family, "a flow has two families")
    try require(flow.replySource.address.family == flow.replyDestination.address.family, "a reply has two families")
  }
}
