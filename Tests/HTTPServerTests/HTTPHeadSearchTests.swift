import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct HTTPHeadSearchTests {
  private static let head = Array("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

  @Test(arguments: 1..<16)
  func `the end is found however the head is cut`(size: Int) throws {
    var search = HTTPHeadSearch()
    let bytes = Self.head + Array("GET".utf8)
    for end in stride(from: size, to: Self.head.count, by: size) {
      let length = try search.length(of: bytes[..<end], limit: 1000)
      #expect(length == nil)
    }
    let length = try search.length(of: bytes[...], limit: 1000)
    #expect(length == Self.head.count)
  }

  /// The second call gets an end of the head in the bytes that the first call has searched. A search that starts again
  /// at the first byte would find it.
  @Test func `each byte is searched once`() throws {
    var search = HTTPHeadSearch()
    let first = Array("GET / HTTP/1.1\r\nHost: a".utf8)
    let before = try search.length(of: first[...], limit: 1000)
    #expect(before == nil)
    let changed = Array("GET / \n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n".utf8.prefix(first.count)) + Array("\r\n".utf8)
    let after = try search.length(of: changed[...], limit: 1000)
    #expect(after == nil)
  }

  @Test func `a head without end is too large`() throws {
    var search = HTTPHeadSearch()
    let bytes = [UInt8](repeating: 0x41, count: 64)
    let length = try search.length(of: bytes[..<63], limit: 64)
    #expect(length == nil)
    #expect(throws: HTTPHeadParser.Failure.tooLarge) { try search.length(of: bytes[...], limit: 64) }
  }
}
