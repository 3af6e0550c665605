import HTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct PercentCodingTests {
  @Test(arguments: [
    ("a b&ü/~", "a%20b%26%C3%BC%2F~"), ("!node=x,y", "%21node%3Dx%2Cy"), ("\n+%", "%0A%2B%25"),
    ("AZaz09-._~", "AZaz09-._~"), ("", ""),
  ])
  func `encoding and decoding gives the same text`(text: String, encoded: String) {
    #expect(PercentCoding.encode(text) == encoded)
    for plusIsSpace in [true, false] {
      #expect(PercentCoding.decode(Array(encoded.utf8)[...], plusIsSpace: plusIsSpace) == text)
    }
  }

  @Test func `a plus is a space only in a form`() {
    #expect(PercentCoding.decode(Array("a+b".utf8)[...], plusIsSpace: true) == "a b")
    #expect(PercentCoding.decode(Array("a+b".utf8)[...], plusIsSpace: false) == "a+b")
  }

  @Test(arguments: ["%", "%2", "a%2", "%zz", "%+1", "%-1", "%ff", "%C3"])
  func `not decoded`(text: String) {
    #expect(PercentCoding.decode(Array(text.utf8)[...], plusIsSpace: false) == nil)
  }
}
