import CLinux
import IPTables
import Netlink

/// A rule of nf_tables. Only the parts that matter for a jump to a chain are read.
///
/// iptables-nft writes matches as expressions of type `match`, whose data is the structure of the xtables extension. It
/// writes the jump as an `immediate` verdict.
package struct NFTablesRule {
  package private(set) var rule = Rule([], nil)

  package init(_ message: NetlinkMessage) {
    message.withAttributes { attributes in
      if let expressions = attributes.value(NFTA_RULE_EXPRESSIONS.rawValue) {
        for expression in NetlinkAttributes(expressions) { add(NetlinkAttributes(expression.value)) }
      }
      if let comment = attributes.value(NFTA_RULE_USERDATA.rawValue).flatMap(NFTablesRule.comment) {
        rule.matches.append(.comment(comment))
      }
    }
  }

  private mutating func add(_ expression: NetlinkAttributes) {
    let name = expression.value(NFTA_EXPR_NAME.rawValue)?.cString ?? ""
    let data = expression.nested(NFTA_EXPR_DATA.rawValue)
    switch name {
    case "counter": break
    case "match": rule.matches.append(NFTablesRule.match(data))
    case "immediate": rule.target = NFTablesRule.verdict(data)
    case "target", "masq", "nat", "reject", "redir", "tproxy", "log": rule.target = .other([name])
    default: rule.matches.append(.other([name]))
    }
  }

  private static func match(_ data: NetlinkAttributes) -> Match {
    let name = data.value(NetfilterNumbers.matchName)?.cString ?? ""
    let info = data.value(NetfilterNumbers.matchInfo)
    if name == "comment", let comment = Comment(info?.cString ?? "") { return .comment(comment) }
    if name == "conntrack", let info, isNew(info) { return .connectionState(.new) }
    return .other([name])
  }

  /// Whether a conntrack match is exactly `--ctstate NEW`. In `struct xt_conntrack_mtinfo2` and its successors, four
  /// addresses with masks, two expiry times, the protocol and four ports come before the flags, the inverted flags and
  /// the states.
  private static func isNew(_ info: UnsafeRawBufferPointer) -> Bool {
    guard info.count >= 154 else { return false }
    func word(_ offset: Int) -> UInt16 { info.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    let stateFlag: UInt16 = 1
    let new: UInt16 = 1 << 3
    return word(146) == stateFlag && word(148) == 0 && word(150) == new
  }

  private static func verdict(_ data: NetlinkAttributes) -> Target {
    let verdict = data.nested(NFTA_IMMEDIATE_DATA.rawValue).nested(NFTA_DATA_VERDICT.rawValue)
    let code = verdict.value(NFTA_VERDICT_CODE.rawValue)?.bigEndian(Int32.self)
    let chain = ChainName(verdict.value(NFTA_VERDICT_CHAIN.rawValue)?.cString ?? "")
    switch code {
    case NFT_JUMP.rawValue: return .jump(chain)
    case NFT_GOTO.rawValue: return .goTo(chain)
    case NFT_RETURN.rawValue: return .return
    case NetfilterNumbers.drop: return .drop
    case NetfilterNumbers.accept: return .accept
    default: return .other(["verdict"])
    }
  }

  /// iptables keeps comments in the rule's user data: type, length and text, one after the other. Type 0 is a comment.
  private static func comment(_ userData: UnsafeRawBufferPointer) -> Comment? {
    var rest = userData[...]
    while rest.count >= 2 {
      let (type, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]))
      if type == 0 {
        return Comment(UnsafeRawBufferPointer(rebasing: rest.dropFirst(2).prefix(length)).cString)
      }
      rest = rest.dropFirst(2 + length)
    }
    return nil
  }
}
