import CLinux
import IPTables
import Netlink

/// A rule of nf_tables. Only the parts that matter for a jump to a chain are read.
///
/// iptables-nft writes matches as expressions of type `match`, whose data is the structure of the xtables extension. It
/// writes the jump as an `immediate` verdict.
package struct NFTablesRule {
  package private(set) var rule = Rule([], nil)

  package init(_ attributes: [Int: ArraySlice<UInt8>]) {
    attributes[Int(NFTA_RULE_EXPRESSIONS.rawValue)]?.withUnsafeBytes { bytes in
      for element in NetlinkAttributes(bytes) { add(NFTablesRule.named(element.value)) }
    }
    if let comment = attributes[Int(NFTA_RULE_USERDATA.rawValue)].flatMap(NFTablesRule.comment) {
      rule.matches.append(.comment(comment))
    }
  }

  private mutating func add(_ expression: [Int: UnsafeRawBufferPointer]) {
    let name = NFTablesRule.text(expression[Int(NFTA_EXPR_NAME.rawValue)])
    let data = expression[Int(NFTA_EXPR_DATA.rawValue)].map(NFTablesRule.named) ?? [:]
    switch name {
    case "counter": break
    case "match": rule.matches.append(NFTablesRule.match(data))
    case "immediate": rule.target = NFTablesRule.verdict(data)
    case "target", "masq", "nat", "reject", "redir", "tproxy", "log": rule.target = .other([name])
    default: rule.matches.append(.other([name]))
    }
  }

  private static func match(_ data: [Int: UnsafeRawBufferPointer]) -> Match {
    let name = text(data[NetfilterNumbers.matchName])
    let info = data[NetfilterNumbers.matchInfo]
    if name == "comment", let comment = Comment(text(info)) { return .comment(comment) }
    if name == "conntrack", let info, isNew(info) { return .connectionState(.new) }
    return .other([name])
  }

  /// Whether a conntrack match is exactly `--ctstate NEW`. In `struct xt_conntrack_mtinfo2` and its successors, four
  /// addresses with masks, two numbers and five ports come before the flags, the inverted flags and the states.
  private static func isNew(_ info: UnsafeRawBufferPointer) -> Bool {
    guard info.count >= 154 else { return false }
    func word(_ offset: Int) -> UInt16 { info.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    let stateFlag: UInt16 = 1
    let new: UInt16 = 1 << 3
    return word(146) == stateFlag && word(148) == 0 && word(150) == new
  }

  private static func verdict(_ data: [Int: UnsafeRawBufferPointer]) -> Target {
    let value = data[Int(NFTA_IMMEDIATE_DATA.rawValue)].map(named) ?? [:]
    let verdict = value[Int(NFTA_DATA_VERDICT.rawValue)].map(named) ?? [:]
    let code = verdict[Int(NFTA_VERDICT_CODE.rawValue)]?.bigEndian(UInt32.self).map { Int32(bitPattern: $0) }
    let chain = ChainName(text(verdict[Int(NFTA_VERDICT_CHAIN.rawValue)]))
    switch code {
    case NFT_JUMP.rawValue: return .jump(chain)
    case NFT_GOTO.rawValue: return .goTo(chain)
    case NFT_RETURN.rawValue: return .return
    case NetfilterNumbers.drop: return .drop
    case NetfilterNumbers.accept: return .accept
    default: return .other(["verdict"])
    }
  }

  private static func named(_ bytes: UnsafeRawBufferPointer) -> [Int: UnsafeRawBufferPointer] {
    NetlinkAttributes(bytes).reduce(into: [:]) { $0[$1.type] = $1.value }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer?) -> String {
    String(decoding: bytes?.prefix { $0 != 0 } ?? [], as: UTF8.self)
  }

  /// iptables keeps comments in the rule's user data: type, length and text, one after the other. Type 0 is a comment.
  private static func comment(_ userData: ArraySlice<UInt8>) -> Comment? {
    var rest = userData
    while rest.count >= 2 {
      let (type, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]))
      if type == 0 { return Comment(rest.dropFirst(2).prefix(length).cString) }
      rest = rest.dropFirst(2 + length)
    }
    return nil
  }
}
