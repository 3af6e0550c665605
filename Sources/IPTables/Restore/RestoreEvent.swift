import ServiceModel

/// The meaning of one line of iptables-save output, or of iptables-restore input.
package enum RestoreEvent: Hashable, Sendable {
  /// `*nat`
  case table(Table)
  /// `:INPUT ACCEPT [0:0]`, or `:KUBE-SERVICES - [0:0]` for a chain without a policy.
  case chain(ChainKey, policy: ChainPolicy?, counters: Counters)
  /// `-A`, with the counters before it, if there are any.
  case append(ChainKey, Rule, Counters?)
  /// `-I`, with the place of the new rule; the first place is 1.
  case insert(ChainKey, Rule, position: Int)
  /// `-D`: deletes the first rule that is equal.
  case remove(ChainKey, Rule)
  /// `-F`
  case flush(ChainKey)
  /// `-X`
  case delete(ChainKey)
  /// `COMMIT`
  case commit(Table)
}

/// What the kernel does with a packet at the end of a built-in chain.
package enum ChainPolicy: String, Hashable, Sendable {
  case accept = "ACCEPT"
  case drop = "DROP"
}

/// The numbers of packets and bytes that matched a rule.
package struct Counters: Hashable, Sendable {
  package var packets: UInt64
  package var bytes: UInt64

  package init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }
}

/// A line that is not valid iptables-save output: its number, its text and the reason.
package struct RestoreSyntaxError: Error, Hashable, CustomStringConvertible {
  package enum Reason: Error, Hashable {
    /// A rule or chain before the first `*table`.
    case outsideTable
    /// None of `*`, `:`, `-A`, `-I`, `-D`, `-F`, `-N`, `-X`, `COMMIT`.
    case unknownCommand
    case unterminatedQuote
    /// The line ends after this word, which needs another.
    case missingWord(after: String)
    /// A word where iptables allows none.
    case unexpectedWord(String)
    case badCounters(String)
    case badPolicy(String)
    /// A chain name that is empty or holds white space or a quotation mark.
    case badChain(String)
    /// The line begins a table, and the text ends, or the next table begins, without its COMMIT.
    case missingCommit(table: String)
  }

  /// Counted from 1.
  package let line: Int
  /// The line, at most its first 512 bytes.
  package let text: String
  package let reason: Reason

  package init(line: Int, text: String, reason: Reason) {
    self.line = line
    self.text = text
    self.reason = reason
  }

  package var description: String {
    let reason =
      switch reason {
      case .outsideTable: "is outside of any table"
      case .unknownCommand: "is not iptables-save output"
      case .unterminatedQuote: "has an unmatched quotation mark"
      case .missingWord(let word): "ends after \(word.printable)"
      case .unexpectedWord(let word): "has an unexpected \(word.quoted)"
      case .badCounters(let word): "has invalid counters \(word.quoted)"
      case .badPolicy(let word): "has the unknown policy \(word.quoted)"
      case .badChain(let word): "has the invalid chain name \(word.quoted)"
      case .missingCommit(let table):
        "begins table \(table.printable), but its COMMIT is missing, so the rules are not complete"
      }
    return "line \(line) \(reason): \(text.printable)"
  }
}
