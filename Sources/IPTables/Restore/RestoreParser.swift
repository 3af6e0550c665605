/// Reads iptables-save output and iptables-restore input line by line.
///
/// It understands the spelling of iptables-save and that of kube-proxy. Matches and targets that this program never
/// writes are kept as words (`Match.other`, `Target.other`). Tables that `Table` does not list are skipped.
package struct RestoreParser: Sendable {
  private enum Place {
    case outside
    case inside(Table)
    case foreignTable
  }

  /// A table whose COMMIT has not been read yet.
  private struct OpenTable {
    let name: String
    let line: Int
  }

  private var place = Place.outside
  private var open: OpenTable?
  private var reader = RuleReader()
  /// The number of lines read.
  package private(set) var line = 0

  package init() {}

  /// Reads one line. Returns nil for comments, empty lines and lines of skipped tables.
  ///
  /// `text` is one line, with or without its newline.
  package mutating func consume(line text: borrowing Span<UInt8>) throws(RestoreSyntaxError) -> RestoreEvent? {
    line += 1
    do {
      return try event(text)
    } catch {
      var bytes: [UInt8] = []
      for index in text.indices.prefix(512) where text[index] != 0x0a { bytes.append(text[index]) }
      throw RestoreSyntaxError(line: line, text: String(decoding: bytes, as: UTF8.self), reason: error)
    }
  }

  /// The error of a text that is cut off inside a table; nil if the table that was read last has its COMMIT.
  package var missingCommit: RestoreSyntaxError? {
    open.map { RestoreSyntaxError(line: $0.line, text: "*\($0.name)", reason: .missingCommit(table: $0.name)) }
  }

  /// The rule of the line that was just read, with its conditions word for word and in their order. Two such rules can
  /// differ though they mean the same. Valid until the next line is read.
  package var ruleAsWritten: Rule { reader.ruleAsWritten() }

  /// Reads one line of a string.
  package mutating func consume(line text: some StringProtocol) throws(RestoreSyntaxError) -> RestoreEvent? {
    try consume(line: Array(text.utf8).span)
  }

  private mutating func event(_ text: borrowing Span<UInt8>) throws(RestoreSyntaxError.Reason) -> RestoreEvent? {
    if text.isEmpty || text[0] == UInt8(ascii: "#") { return nil }
    if case .foreignTable = place, text[0] != UInt8(ascii: "*"), text[0] != UInt8(ascii: "C") { return nil }
    try reader.words.split(text)
    guard reader.words.count > 0 else { return nil }
    switch text[0] {
    case UInt8(ascii: "*"): return enter(String(reader.words[0].dropFirst()))
    case UInt8(ascii: ":"): return try chain(in: table())
    case UInt8(ascii: "-"), UInt8(ascii: "["): return try command(in: table())
    default: return try commit()
    }
  }

  private mutating func enter(_ name: String) -> RestoreEvent? {
    open = OpenTable(name: name, line: line)
    guard let table = Table(rawValue: name) else {
      place = .foreignTable
      return nil
    }
    place = .inside(table)
    return .table(table)
  }

  private mutating func commit() throws(RestoreSyntaxError.Reason) -> RestoreEvent? {
    guard reader.words[0] == "COMMIT" else { throw .unknownCommand }
    defer {
      place = .outside
      open = nil
    }
    if case .foreignTable = place { return nil }
    return try .commit(table())
  }

  private func table() throws(RestoreSyntaxError.Reason) -> Table {
    guard case .inside(let table) = place else { throw .outsideTable }
    return table
  }

  private func chain(in table: Table) throws(RestoreSyntaxError.Reason) -> RestoreEvent {
    let words = reader.words
    let name = try words.chain(0, after: 1)
    guard words.count > 1 else { throw .missingWord(after: words[0]) }
    var policy: ChainPolicy?
    if words[1] != "-" {
      policy = ChainPolicy(rawValue: words[1])
      if policy == nil { throw .badPolicy(words[1]) }
    }
    let counters = try words.count > 2 ? reader.counters(2) : Counters()
    return .chain(ChainKey(table, name), policy: policy, counters: counters)
  }

  private mutating func command(in table: Table) throws(RestoreSyntaxError.Reason) -> RestoreEvent {
    reader.start()
    let counters = try reader.leadingCounters()
    let verb = try reader.next()
    guard verb.utf8.count == 2 else { throw .unknownCommand }
    let chain = ChainKey(table, try reader.nextChain(after: verb))
    switch verb {
    case "-A": return .append(chain, try reader.rule(), counters)
    case "-I":
      let position = reader.nextNumber() ?? 1
      return .insert(chain, try reader.rule(), position: position)
    case "-D": return .remove(chain, try reader.rule())
    case "-F": return .flush(chain)
    case "-X": return .delete(chain)
    case "-N": return .chain(chain, policy: nil, counters: Counters())
    default: throw .unknownCommand
    }
  }
}
