import HTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPHeadersTests {
  @Test func `the case of a header's name is kept but not compared`() {
    var headers: HTTPHeaders = ["Content-Type": "a", "x-y": "b"]
    #expect(headers["content-type"] == "a")
    #expect(headers["X-Y"] == "b")
    headers["CONTENT-TYPE"] = "c"
    #expect(headers.lines == ["Content-Type: c", "x-y: b"])
    #expect(headers == ["content-type": "c", "X-Y": "b"])
  }

  @Test func `a repeated header is a list`() {
    var headers: HTTPHeaders = ["Accept": "a"]
    headers.add("accept", "b")
    headers.add("Host", "c")
    #expect(headers.lines == ["Accept: a, b", "Host: c"])
  }

  @Test func `merging replaces, and nil removes`() {
    var headers: HTTPHeaders = ["Accept": "a", "Host": "b"]
    headers.merge(["accept": "c", "X": "d"])
    headers["host"] = nil
    #expect(headers.lines == ["Accept: c", "X: d"])
  }
}
