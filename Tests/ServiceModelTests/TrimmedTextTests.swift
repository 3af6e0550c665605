import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct TrimmedTextTests {
  @Test(arguments: [
    ("", ""), (" \t\r\n", ""), ("a", "a"), (" a b\t", "a b"), ("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK"),
    ("\r\nü\r\n\r\n", "ü"), ("\u{a0}a", "\u{a0}a"), (" \u{301}", "\u{301}"),
  ])
  func `blanks at both ends`(text: String, trimmed: String) {
    #expect(text.trimmingBlanks.unicodeScalars.elementsEqual(trimmed.unicodeScalars))
    #expect(text[...].trimmingBlanks.unicodeScalars.elementsEqual(trimmed.unicodeScalars))
  }
}
