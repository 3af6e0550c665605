import IPTables
import ServiceModel

/// What a target does to a packet, as far as the walk needs it.
enum TargetEffect: Equatable {
  /// The packet meets the next rule of the chain.
  case goOn
  case call(ChainName, returns: Bool)
  case `return`
  /// The packet leaves the chains of this table.
  case accept
  case drop
  case reject
  case mark(and: UInt32, xor: UInt32)
  case translate(address: IPAddress?, port: UInt16?)
  case changeSource(SeenSource)
  case unknown(Doubt.Reason)

  init(_ target: Target?) {
    switch target {
    case nil: self = .goOn
    case .jump(let chain): self = .call(chain, returns: true)
    case .goTo(let chain): self = .call(chain, returns: false)
    case .accept: self = .accept
    case .drop: self = .drop
    case .reject: self = .reject
    case .return: self = .return
    case .masquerade: self = .changeSource(.masqueraded)
    case .setMark(let bits): self = .mark(and: ~bits, xor: bits)
    case .flipMark(let bits): self = .mark(and: .max, xor: bits)
    case .destinationNAT(let address): self = .translate(address: address.address, port: address.port)
    case .other(let words): self = TargetEffect.foreign(words)
    }
  }

  /// Targets of other programs' rules. Only targets that are common on Kubernetes nodes are understood.
  private static func foreign(_ words: [String]) -> TargetEffect {
    switch words.first {
    case "REJECT": return .reject
    case "MARK":
      guard words.count == 3, words[1] == "--set-xmark" || words[1] == "--set-mark", let mark = MarkText(words[2])
      else { break }
      let cleared = words[1] == "--set-xmark" ? mark.mask : mark.mask | mark.value
      return .mark(and: ~cleared, xor: mark.value)
    case "SNAT":
      guard words.count >= 3, words[1] == "--to-source" else { break }
      return .changeSource(.translated(words[2]))
    case "MASQUERADE": return .changeSource(.masqueraded)
    case "DNAT":
      guard words.count == 3, words[1] == "--to-destination", let address = IPAddress(words[2]) else { break }
      return .translate(address: address, port: nil)
    case let name? where harmless.contains(name): return .goOn
    default: break
    }
    return .unknown(.target(words))
  }

  /// Targets that neither end a packet's path nor change anything that later rules match.
  private static let harmless: Set<String> = [
    "AUDIT", "CHECKSUM", "CLASSIFY", "CT", "DSCP", "ECN", "HL", "LED", "LOG", "NFLOG", "RATEEST", "SET", "TCPMSS",
    "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG",
  ]
}
