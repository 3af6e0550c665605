import Foundation

/// One connection of HTTP/1.1: reads requests one after the other and answers each before the next.
final class HTTP1Connection: ResponseWriter {
  private let channel: any ByteChannel
  private let isStopping: () -> Bool
  private var buffer = Data()
  private var isChunked = false
  private var isBroken = false

  init(_ channel: any ByteChannel, isStopping: @escaping () -> Bool) {
    self.channel = channel
    self.isStopping = isStopping
  }

  /// Serves requests until either side ends the connection.
  func run(_ answer: (ServerRequest, any ResponseWriter) throws -> Void) throws {
    while !isBroken, !isStopping(), let request = try readRequest() { try answer(request, self) }
  }

  private func readRequest() throws -> ServerRequest? {
    let separator = Data("\r\n\r\n".utf8)
    while buffer.range(of: separator) == nil { guard try fill() else { return nil } }
    guard let end = buffer.range(of: separator) else { return nil }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    buffer = Data(buffer[end.upperBound...])
    let parts = lines[0].split(separator: " ").map(String.init)
    guard parts.count == 3 else { throw ConnectionEnded() }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pieces = line.split(separator: ":", maxSplits: 1)
      guard pieces.count == 2 else { continue }
      headers[pieces[0].lowercased()] = pieces[1].trimmingCharacters(in: .whitespaces)
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < length { guard try fill() else { return nil } }
    let body = Data(buffer.prefix(length))
    buffer = Data(buffer.dropFirst(length))
    return ServerRequest(method: parts[0], target: parts[1], headers: headers, body: body)
  }

  private func fill() throws -> Bool {
    let more = try channel.read(upTo: 16384)
    buffer.append(more)
    return !more.isEmpty
  }

  var isGone: Bool { isBroken || isStopping() || channel.isClosedByClient }

  func head(status: Int, headers: [String: String], length: Int?) throws {
    isChunked = length == nil
    var text = "HTTP/1.1 \(status) \(status < 400 ? "OK" : "Failure")\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    text += length.map { "Content-Length: \($0)\r\n\r\n" } ?? "Transfer-Encoding: chunked\r\n\r\n"
    try channel.write(Data(text.utf8))
  }

  func write(_ data: Data) throws {
    guard !data.isEmpty else { return }
    guard !isBroken else { throw ConnectionEnded() }
    guard isChunked else { return try channel.write(data) }
    try channel.write(Data((String(data.count, radix: 16) + "\r\n").utf8) + data + Data("\r\n".utf8))
  }

  func end() throws { if isChunked { try channel.write(Data("0\r\n\r\n".utf8)) } }

  func abort() {
    isBroken = true
    channel.close()
  }

  func raw(_ data: Data) throws {
    try channel.write(data)
    abort()
  }
}
