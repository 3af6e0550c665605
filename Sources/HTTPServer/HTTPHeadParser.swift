import HTTP
import ServiceModel

/// Reads the request line and the headers of requests (RFC 9112). Rejects the whole head if one line breaks the
/// grammar. A line may also end with LF alone.
package enum HTTPHeadParser {
  package enum Failure: Int, Error {
    case malformed = 400
    case tooLarge = 431
    case version = 505
  }

  /// The head of a request, and its length in bytes.
  package struct Head: Equatable {
    package let request: HTTPRequest
    package let length: Int
    /// Whether content follows. The server does not read content, so it has to close the connection.
    let hasContent: Bool
  }

  /// nil while the head is not complete.
  package static func parse(_ bytes: ArraySlice<UInt8>, limit: Int) throws(Failure) -> Head? {
    var search = HTTPHeadSearch()
    guard let length = try search.length(of: bytes, limit: limit) else { return nil }
    return try head(bytes.prefix(length))
  }

  /// Reads a complete head.
  package static func head(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Head {
    let end = bytes.endIndex
    var lines = bytes[..<end].split(separator: 0x0a, omittingEmptySubsequences: false)[...].map { line in
      line.last == 0x0d ? line.dropLast() : line
    }[...]
    // Skip empty lines before the request line (RFC 9112 section 2.2).
    while lines.first?.isEmpty == true { lines = lines.dropFirst() }
    guard let first = lines.first else { throw .malformed }
    let headerLines = lines.dropFirst().filter { !$0.isEmpty }
    guard headerLines.count <= HTTPHeaders.limit else { throw .tooLarge }
    let headers = try headers(headerLines)
    let request = try request(first, headers)
    let hasContent = headers["Transfer-Encoding"] != nil || headers["Content-Length"].map { $0 != "0" } ?? false
    return Head(request: request, length: end - bytes.startIndex, hasContent: hasContent)
  }

  private static func headers(_ lines: [ArraySlice<UInt8>]) throws(Failure) -> HTTPHeaders {
    var result: HTTPHeaders = [:]
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(isTokenByte), line[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
      else { throw .malformed }
      let name = HTTPHeaders.Name(String(decoding: line[..<colon], as: UTF8.self))
      result.add(name, String(decoding: line[(colon + 1)...], as: UTF8.self).trimmingBlanks)
    }
    return result
  }

  private static func request(
    _ line: ArraySlice<UInt8>, _ headers: HTTPHeaders
  ) throws(Failure) -> HTTPRequest {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isTokenByte),
      words[1].allSatisfy({ (0x21...0x7e).contains($0) }), let target = RequestTarget(words[1])
    else { throw .malformed }
    let isCurrent = words[2].elementsEqual("HTTP/1.1".utf8)
    guard isCurrent || words[2].elementsEqual("HTTP/1.0".utf8) else { throw .version }
    if isCurrent && headers[.host] == nil { throw .malformed }
    let connection = (headers["Connection"] ?? "").lowercased()
    return HTTPRequest(
      method: String(decoding: words[0], as: UTF8.self), path: target.path, query: target.query, headers: headers,
      keepsAlive: isCurrent ? !connection.contains("close") : connection.contains("keep-alive"))
  }

  /// RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
