import Testing

@testable import IPTables

@Suite(.timeLimit(.minutes(5))) struct CommentTests {
  @Test(arguments: [
    ("default/web:http cluster IP", "usual"), ("default/web -> [fd00::5]:80", "arrow and brackets"),
    ("a", "one byte"), (String(repeating: "x", count: 255), "as long as the kernel keeps"),
    ("-j ACCEPT", "words in quotes"),
    ("-j", "one word that looks like an option"), ("kubernetes service nodeports; NOTE: this", "a semicolon"),
  ])
  func `is kept as it is`(text: String, reason: String) {
    #expect(Comment(text)?.text == text, "\(reason)")
  }

  @Test(arguments: [
    ("", "empty"), (String(repeating: "x", count: 256), "a byte too long"), ("a\"b", "ends the quotes"),
    ("a'b", "a quote of the other kind"), ("a\\b", "escapes what follows"), ("a\nb", "ends the line"),
    ("a\rb", "as does this"),
    ("a\0b", "ends a C string"), ("a\tb", "not printable"), ("a\u{7f}", "not printable"), ("ä", "not ASCII"),
    ("a\u{2028}b", "a line end of Unicode"), ("web\" -j ACCEPT #", "breaks out"),
  ])
  func `is refused`(text: String, reason: String) {
    #expect(Comment(text) == nil, "\(reason)")
  }

  @Test func `only a comment with a space is written in quotes`() throws {
    func text(_ comment: String) throws -> String { Rule([.comment(try #require(Comment(comment)))], nil).description }
    #expect(try text("default/web") == "-m comment --comment default/web")
    #expect(try text("default/web external IP") == "-m comment --comment \"default/web external IP\"")
    #expect(try text("-j ACCEPT") == "-m comment --comment \"-j ACCEPT\"")
  }
}
