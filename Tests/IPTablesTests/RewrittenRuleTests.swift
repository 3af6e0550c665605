import Testing

@testable import IPTables

/// Rules of other programs that are read, and written again with their tables. What is written must mean the same.
@Suite(.timeLimit(.minutes(2))) struct RewrittenRuleTests {
  struct Line: Sendable, CustomTestStringConvertible {
    let reason: String
    let words: String
    var testDescription: String { reason }

    init(_ reason: String, _ words: String) {
      self.reason = reason
      self.words = words
    }
  }

  static let lines = [
    Line("white space in a word is not only a space", "-j LOG --log-prefix \"a\tb\""),
    Line("a carriage return ends a word too", "-j LOG --log-prefix \"a\rb\""),
    Line("a value in quotes looks like an option", #"-m string --algo bm --string "-j" -j DROP"#),
    Line("the last value looks like a negation", #"-m string --algo bm --string "!" -j DROP"#),
    Line("iptables-save writes a hyphen without quotes", "-m comment --comment -j -j DROP"),
    Line("a comment that looks like a port", "-p tcp -m comment --comment --dport -m tcp --dport 80 -j DROP"),
    Line("a prefix that looks like an option", "-j LOG --log-prefix -m"),
    Line("an option without a module has a value in quotes", #"--unknown "--value" -j DROP"#),
    Line("an accounting object with a space in its name", #"-m nfacct --nfacct-name "a b" -j DROP"#),
    Line("a name in quotes that looks like an option", #"-m foo "--nfacct-name" -m mark --mark 0x1/0x1 -j DROP"#),
    Line("a value in quotes that looks like a port", #"-p tcp -m foo "--dport" 80 -j DROP"#),
    Line("an option of a module after the counters", "-m foo -c 1 2 --bar -j DROP"),
    Line("an option of a known module after the counters", "-m mark --mark 0x1/0x1 -c 1 2 --bar -j DROP"),
    Line("an option of a module after the chain", "-m mark --mark 0x1/0x1 -g A ! --bar -p tcp --syn"),
    Line("a port after the chain in a rule without a protocol", "-m nfacct --nfacct-name X -g A --dport 443"),
    Line("a mark that combines with a backslash", "-m foo --bar a\\\u{591}b -j DROP"),
    Line("a mark that combines with a quotation mark", "-m foo --bar \"c\\\"\u{591} d\" -j DROP"),
    Line("modules of two protocols", "-m tcp --bar -m udp --baz -m tcp --syn -j DROP"),
    Line("an unknown option of the protocol", "-p tcp -m mark --mark 0x1/0x1 -m tcp --bar 1 --dport 80 -j DROP"),
    Line("a list with a space in its name", #"-m recent --name "a b" --set -j DROP"#),
    Line("a target with a space in its name", #"-j "a b""#),
    Line("a target without a name", #"-j """#),
    Line("a list without a limit of time", "-m recent --name A --rcheck --reap -j DROP"),
    Line("a protocol with another protocol's module", "-p gre -m tcp --dport 80 -j DROP"),
    Line("a port after another module", "-p gre -m tcp -m comment --comment a --dport 80 -j DROP"),
    Line("another option of the protocol after a module", "-p tcp -m comment --comment a -m tcp --syn -j DROP"),
    Line("a negated one", "-p tcp -m comment --comment a -m tcp ! --tcp-flags SYN,ACK SYN -j DROP"),
    Line("a port of a protocol without ports", "--dport 80 -p gre -m conntrack --ctproto 47 -j DROP"),
    Line("a known protocol with another protocol's module", "-p udp -m tcp --dport 80 -j DROP"),
    Line("a negated protocol with its module", "! -p tcp -m tcp -j DROP"),
    Line("a probability with more than ten digits", "-m statistic --mode random --probability 4.0000001e-9 -j DROP"),
  ]

  @Test(arguments: lines)
  func `what was read and written reads the same`(line: Line) throws {
    let original = try rule(line.words)
    var renderer = Renderer()
    renderer.append(original, to: "TEST")
    let text = String(decoding: renderer.take().dropLast(), as: UTF8.self)
    #expect(try rule(String(text.dropFirst("-A TEST ".count))) == original, "\(text)")
  }

  @Test(arguments: lines)
  func `a rule as written has the words of its line`(line: Line) throws {
    var parser = RestoreParser()
    _ = try parser.consume(line: "*nat")
    _ = try parser.consume(line: "-A TEST \(line.words)")
    var renderer = Renderer()
    renderer.append(parser.ruleAsWritten, to: "TEST")
    var (before, after) = (RestoreWords(), RestoreWords())
    try before.split(Array("-A TEST \(line.words)".utf8).span)
    try after.split(renderer.take().span)
    let (words, written) = (before.words.indices.map { before[$0] }, after.words.indices.map { after[$0] })
    #expect(written.sorted() == words.sorted())
    let target = words.lastIndex { $0 == "-j" || $0 == "-g" } ?? words.count
    #expect(written.prefix(target) == words.prefix(target), "only the target may move")
  }

  @Test
  func `a value that looks like an option is a value`() throws {
    #expect(try rule("-m comment --comment -j -j DROP") == Rule([.comment(Comment("-j")!)], .drop))
    #expect(try rule("-m comment --comment ! -j DROP") == Rule([.comment(Comment("!")!)], .drop))
    #expect(try rule("-p gre -m tcp -j DROP").matches == [.other(["-p", "gre", "-m", "tcp"])])
    #expect(try rule("-m recent --name A --rcheck --reap").matches != [.recentCheck(name: "A", seconds: 0)])
  }

  @Test
  func `what iptables refuses is refused: an option without its text, a second protocol`() {
    #expect(throws: RestoreSyntaxError.self) { try rule("-j DROP -m comment --comment") }
    #expect(throws: RestoreSyntaxError.self) { try rule("-p foo -m a --dport 1 -p tcp") }
    #expect(throws: RestoreSyntaxError.self) { try rule("-= a -c 1 2 -* b") }
  }

  @Test(arguments: ["-A \"\" -j DROP", "-A \"a b\" -j DROP", "-A A -g \"a\tb\"", ": - [0:0]", "-N \"a\\\"b\""])
  func `names that no chain can have are refused`(line: String) throws {
    var parser = RestoreParser()
    _ = try parser.consume(line: "*nat")
    let error = #expect(throws: RestoreSyntaxError.self) { try parser.consume(line: line) }
    guard case .badChain = error?.reason else { Issue.record("\(line): \(String(describing: error))"); return }
  }

  @Test
  func `messages are safe on a terminal and short`() throws {
    var parser = RestoreParser()
    let word = "\u{1b}[2J" + String(repeating: "x", count: 5000)
    let error = #expect(throws: RestoreSyntaxError.self) { try parser.consume(line: "*nat\u{1b}]0;x\u{7} \"" + word) }
    let unexpected = #expect(throws: RestoreSyntaxError.self) {
      _ = try parser.consume(line: "*nat")
      _ = try parser.consume(line: "-A A \(word)")
    }
    for error in [error, unexpected] {
      let text = try #require(error?.description)
      #expect(
        text.utf8.count < 1000 && text.unicodeScalars.allSatisfy { (0x20...0x7e).contains($0.value) || $0 == "…" })
    }
  }
}
