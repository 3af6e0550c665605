import IPTables
import RuleAnalysis

/// Builds a ``KernelImage`` from the lines of iptables-save.
struct KernelReader: Sendable {
  let image = KernelImage()
  private var parser = RestoreParser()
  private var table: Table?
  private var dispatch: [ChainKey: OrderlessDigest] = [:]
  /// Tables that iptables-nft-save did not print.
  private(set) var unprintable: [Table] = []

  /// Reads a line of iptables-save. A rule that cannot be read differs from every planned rule.
  mutating func consume(_ line: ArraySlice<UInt8>) {
    if let table = Table(notPrintedBySave: line) {
      unprintable.append(table)
      image.forget(table)
      dispatch = dispatch.filter { $0.key.table != table }
    }
    do {
      guard let event = try parser.consume(line: line.span) else { return }
      apply(event)
    } catch {
      noteUnreadable(line)
    }
  }

  /// Adds a table that iptables-nft-save did not print. The rules of the proxy's chains are not known then, so the next
  /// sync writes these chains again.
  mutating func add(_ contents: UnprintableTable) {
    image.unprintable.insert(contents.table)
    for chain in contents.chains { apply(.chain(ChainKey(contents.table, chain), policy: nil, counters: Counters())) }
    for chain in contents.chains {
      let key = ChainKey(contents.table, chain)
      for rule in contents.rules[chain] ?? [] { append(rule, to: key) }
      if chain.isServiceProxys && !key.isSharedWithKubelet { image.set(.unknown, for: key) }
    }
  }

  /// Must be called when all lines have been read.
  mutating func finish() {
    image.looseDigests = dispatch.mapValues(\.value)
    dispatch = [:]
  }

  private mutating func apply(_ event: RestoreEvent) {
    switch event {
    case .table(let table): self.table = table
    case .chain(let key, _, _):
      if key.isSharedWithKubelet { image.shared[key] = [] }
      if key.name.isServiceProxys { image.set(ChainRecord(), for: key) }
    case .append(let key, let rule, _): append(rule, to: key)
    case .insert, .remove, .flush, .delete, .commit: break
    }
  }

  private mutating func append(_ rule: Rule, to key: ChainKey) {
    if key.name.isServiceProxys {
      if key.isDispatch { dispatch[key, default: OrderlessDigest()].add(rule) }
      var record = image[key] ?? ChainRecord()
      record.add(rule)
      image.set(record, for: key)
      if key.isSharedWithKubelet { image.shared[key, default: []].append(rule) }
      return
    }
    guard let target = rule.jumpTarget, target.isServiceProxys else { return }
    if target.prefix == nil, ChainName.builtIn(key.table).contains(key.name) {
      image.jumps[key, default: []].append(rule.canonical)
    } else {
      image.foreignTargets.insert(ChainKey(key.table, target))
    }
  }

  private mutating func noteUnreadable(_ line: ArraySlice<UInt8>) {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard let table, words.count > 1, words[0].elementsEqual("-A".utf8) else { return }
    let name = ChainName(String(decoding: words[1], as: UTF8.self))
    if name.isServiceProxys {
      let key = ChainKey(table, name)
      if key.isDispatch { dispatch[key, default: OrderlessDigest()].addUnreadable() }
      var record = image[key] ?? ChainRecord()
      record.addUnreadable()
      image.set(record, for: key)
    }
  }
}
