import CLinux
import IPTables
import Netlink
import ServiceModel

/// Combines the kernel's messages into changes. For each commit the kernel sends messages about what changed, and then
/// one message with the number of the new generation.
package struct ForeignChangeReader {
  private let origin: @Sendable (OwnCommits.Commit) -> OwnCommits.Origin
  private var touched: Set<IPFamily> = []

  /// - Parameter origin: tells this program's commits from those of others.
  init(origin: @escaping @Sendable (OwnCommits.Commit) -> OwnCommits.Origin) { self.origin = origin }

  /// Takes each commit for a foreign one.
  package init() { self.init { _ in .foreign } }

  /// The foreign change that this message completes; nil if there is none.
  package mutating func consume(_ message: NetlinkMessage) -> ForeignChange? {
    guard message.kind >> 8 == NetfilterNumbers.tablesSubsystem else { return nil }
    let kind = nf_tables_msg_types(UInt32(message.kind & 0xff))
    if kind == NFT_MSG_NEWGEN { return endCommit(message) }
    if let family = touches(message, kind) { touched.insert(family) }
    return nil
  }

  private mutating func endCommit(_ message: NetlinkMessage) -> ForeignChange? {
    defer { touched = [] }
    switch origin(OwnCommits.Commit(message)) {
    case .own: return nil
    case .foreign: break
    case .foreignAndFiltered: touched = Set(IPFamily.allCases)
    }
    if touched.isEmpty { return nil }
    let pid = Int32(bitPattern: message.number(NFTA_GEN_PROC_PID.rawValue, UInt32.self) ?? 0)
    let program = message.text(NFTA_GEN_PROC_NAME.rawValue) ?? ""
    return ForeignChange(families: touched, pid: pid, program: program)
  }

  /// The family whose rules the message concerns; nil if it does not concern the proxy's rules.
  private func touches(_ message: NetlinkMessage, _ kind: nf_tables_msg_types) -> IPFamily? {
    guard let family = message.family else { return nil }
    func name(_ attribute: UInt32) -> String { message.text(attribute) ?? "" }
    let chain: String
    switch kind {
    case NFT_MSG_DELTABLE:
      return Table(rawValue: name(NFTA_TABLE_NAME.rawValue)) == nil ? nil : family
    case NFT_MSG_NEWRULE, NFT_MSG_DELRULE:
      guard Table(rawValue: name(NFTA_RULE_TABLE.rawValue)) != nil else { return nil }
      chain = name(NFTA_RULE_CHAIN.rawValue)
    case NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN:
      guard Table(rawValue: name(NFTA_CHAIN_TABLE.rawValue)) != nil else { return nil }
      chain = name(NFTA_CHAIN_NAME.rawValue)
    default: return nil
    }
    // A new rule in a built-in chain belongs to another program. A deleted rule may have been the proxy's jump.
    let removes = kind == NFT_MSG_DELRULE || kind == NFT_MSG_DELCHAIN
    return ChainName(chain).isServiceProxys || (removes && ForeignChangeReader.builtIn.contains(chain))
      ? family : nil
  }

  private static let builtIn = Set(Table.allCases.flatMap { ChainName.builtIn($0).map(\.description) })
}
