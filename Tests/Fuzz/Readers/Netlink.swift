import Applier
import Conntrack
import IPTables
import Netlink
import ServiceModel

/// Datagrams of the kernel.
extension FuzzReader {
  package static let nftables = FuzzReader("nftables", words: []) { (bytes) throws(Finding) in
    var reader = ForeignChangeReader()
    var used = 0
    for message in NetlinkMessages(bytes[...]) {
      used += message.payload.count + NetlinkMessage.headerSize
      if let change = reader.consume(message) {
        try require(!change.families.isEmpty, "a change concerns no family")
      }
      _ = message.errorCode
      let rule = NFTablesRule(message).rule
      try require(rule.matches.count <= message.payload.count, "a rule has more matches than bytes")
    }
    try require(used <= bytes.count, "messages are longer than their datagram")
  }

  package static let conntrack = FuzzReader("conntrack", words: []) { (bytes) throws(Finding) in
    guard bytes.count >= NetlinkMessage.headerSize else { return }
    // With the right length the whole input is one message.
    let message = withUnsafeBytes(of: UInt32(bytes.count), Array.init) + bytes.dropFirst(4)
    var messages = NetlinkMessages(message[...])
    guard let flow = messages.next().flatMap({ FlowMessage.flow($0) }) else { return }
    try require(flow.source.address.family == flow.destination.address.family, "a flow has two families")
    try require(flow.replySource.address.family == flow.replyDestination.address.family, "a reply has two families")
  }
}
