import Applier
import IPTables
import RuleAnalysis
import ServiceModel
import Synchronization

/// What the kernel holds of one family, as far as a comparison needs it.
struct KernelView: Sendable {
  /// Built-in chains, the service proxy's well-known chains, and those service chains that may differ from the plan.
  var rules: RuleSet
  /// All service chains.
  var serviceChains: Set<ChainKey> = []

  init(_ family: IPFamily) { rules = RuleSet(family: family) }

  /// Whether the view holds a chain's rules although it is no service chain.
  static func keeps(_ chain: ChainKey) -> Bool {
    chain.name.prefix == nil
      && (chain.name.isServiceProxys || ChainName.builtIn(chain.table).contains(chain.name))
  }
}

/// Builds a view from the lines of iptables-save, and drops the rules of service chains that are as planned. So the
/// memory that it takes grows with what differs, not with the table.
struct KernelViewReader: Sendable {
  private(set) var view: KernelView
  /// A table that iptables-nft-save does not print.
  private(set) var unprintable: Table?
  private let digests: [ChainKey: ChainRecord]
  private var parser = RestoreParser()
  private var table: Table?
  /// The service chain whose rules come now. iptables-save prints the rules of a chain together.
  private var current: (chain: ChainKey, rules: [Rule])?
  /// Service chains whose rules have come.
  private var done: Set<ChainKey> = []

  /// - Parameter digests: of the planned service chains.
  init(_ family: IPFamily, digests: [ChainKey: ChainRecord]) {
    view = KernelView(family)
    self.digests = digests
  }

  mutating func consume(_ line: ArraySlice<UInt8>) {
    if let table = Table(notPrintedBySave: line) { unprintable = table }
    do throws(RestoreSyntaxError) {
      switch try parser.consume(line: line.span) {
      case .table(let table)?: self.table = table
      case .chain(let chain, _, _)?: declare(chain)
      case .append(let chain, let rule, _)?: append(rule, to: chain)
      default: break
      }
    } catch {
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      guard let table, words.count > 1, words[0].elementsEqual("-A".utf8) else { return }
      append(.unreadable(error), to: ChainKey(table, ChainName(String(decoding: words[1], as: UTF8.self))))
    }
  }

  /// Must be called when all lines have been read.
  mutating func finish() {
    endChain()
    let empty = ChainRecord()
    for chain in view.serviceChains.subtracting(done) where digests[chain] != empty {
      view.rules[chain.table, chain.name] = []
    }
    done = []
  }

  private mutating func declare(_ chain: ChainKey) {
    if chain.name.prefix != nil {
      view.serviceChains.insert(chain)
    } else if KernelView.keeps(chain) {
      view.rules[chain.table, chain.name] = []
    }
  }

  private mutating func append(_ rule: Rule, to chain: ChainKey) {
    if chain.name.prefix != nil {
      if current?.chain != chain {
        endChain()
        current = (chain, [])
      }
      current?.rules.append(rule)
    } else if KernelView.keeps(chain) {
      view.rules.tables[chain.table, default: [:]][chain.name, default: []].append(rule)
    }
  }

  private mutating func endChain() {
    guard let (chain, rules) = current else { return }
    current = nil
    done.insert(chain)
    if digests[chain] != ChainRecord(rules) { view.rules[chain.table, chain.name] = rules }
  }
}

extension Rule {
  /// Stands for a rule that this program cannot read. It differs from every planned rule.
  static func unreadable(_ error: RestoreSyntaxError) -> Rule { Rule([.other([error.text])], nil) }
}
