import IPTables
import ServiceModel

extension SystemIPTables {
  /// Passes on the output of iptables-save line by line.
  ///
  /// If only nft can show a rule of a table, iptables-nft-save leaves the table out and writes a comment in its place.
  /// But at some such rules, for example `meta mark set 5`, it ends in the middle of the table. Then this function adds
  /// the same comment after what was printed of the table, and goes on with the other tables.
  package func save(
    _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) async throws(CommandError) {
    let place = SharedValue(SavePlace())
    do {
      try await stream(family, .save, table.map { ["-t", $0.rawValue] } ?? []) { text in
        place.withLock { $0.consume(text) }
        line(text)
      }
    } catch {
      guard error.isUnreadableRule, let broken = place.value.open else { throw error }
      line(Array("# Table `\(broken)' is incompatible, use 'nft' tool.".utf8)[...])
      guard table == nil else { return }
      for rest in Table.allCases where rest.rawValue != broken && !place.value.complete.contains(rest.rawValue) {
        try await save(family, rest, line)
      }
    }
  }
}

/// Which tables iptables-save has printed.
private struct SavePlace {
  /// Tables with their COMMIT.
  private(set) var complete: Set<String> = []
  /// The table whose COMMIT has not come yet.
  private(set) var open: String?

  mutating func consume(_ line: ArraySlice<UInt8>) {
    if line.first == UInt8(ascii: "*") {
      open = String(decoding: line.dropFirst(), as: UTF8.self)
    } else if line.elementsEqual("COMMIT".utf8), let table = open {
      complete.insert(table)
      open = nil
    }
  }
}

extension CommandError {
  /// Whether iptables-nft-save ended because it does not understand a rule.
  fileprivate var isUnreadableRule: Bool { standardError.contains("Parsing nftables rule failed") }
}
