import Markup
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTMLTests {
  @Test func `a string in markup is text, and markup in markup stays as it is`() {
    let hostile = "</td><script>alert('a' & \"b\")</script>"
    let cell: HTML = "<td title=\"\(hostile)\">\(hostile)</td>"
    let row: HTML = "<tr>\([cell, "<td>\(2)</td>"])</tr>"
    let text = "&lt;/td&gt;&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;"
    #expect(row.markup == "<tr><td title=\"\(text)\">\(text)</td><td>2</td></tr>")
    #expect((cell + row).markup == cell.markup + row.markup)
  }

  @Test func `invisible characters are written as numeric references`() {
    let name: HTML = "\("web\u{202e}\u{0}\r\n\té")"
    #expect(name.markup == "web\\u{202e}\\u{0}\\u{d}\n\té")
  }

  @Test(arguments: [(0, "0"), (12, "12"), (12.34, "12.3"), (-0.04, "0"), (-0.26, "-0.3"), (99.96, "100")])
  func `a length has at most one decimal place`(_ length: Double, _ text: String) {
    #expect(("\(length)" as HTML).markup == text)
  }
}
