import HTTP
import HTTPServer
import KubeProxy
import System

/// One client's connection to the API server: requests one after the other, until the client ends it.
final class APIConnection: Sendable {
  private let socket: Descriptor
  private let cluster: ServedCluster

  init(_ socket: consuming Descriptor, _ cluster: ServedCluster) {
    self.socket = socket
    self.cluster = cluster
  }

  /// Answers requests until the connection ends. Blocks the calling thread.
  func serve() {
    var input: [UInt8] = []
    do {
      while let (request, content) = try next(&input) { guard try answer(request, content) else { return } }
    } catch {
      // The client has closed the connection, or its request is not HTTP. The connection ends, as with any server.
    }
  }

  /// The next request with its content; nil if the client has ended the connection.
  private func next(_ input: inout [UInt8]) throws -> (HTTPRequest, [UInt8])? {
    while true {
      if let head = try HTTPHeadParser.parse(input[...], limit: 1 << 16) {
        let length = head.request.headers["Content-Length"].flatMap { Int($0) } ?? 0
        while input.count < head.length + length { guard try fill(&input) else { return nil } }
        let content = Array(input[head.length..<(head.length + length)])
        input.removeFirst(head.length + length)
        return (head.request, content)
      }
      guard try fill(&input) else { return nil }
    }
  }

  private func fill(_ input: inout [UInt8]) throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = try socket.read(into: &buffer)
    input += buffer.prefix(count)
    return count > 0
  }

  /// Whether another request may follow.
  private func answer(_ request: HTTPRequest, _ content: [UInt8]) throws -> Bool {
    switch (request.method, ServedResource.allCases.first { $0.path == request.path }) {
    case ("GET", let resource?) where ["true", "1"].contains(request.query["watch"] ?? ""):
      try watch(resource, request)
      return false
    case ("GET", let resource?): try list(resource)
    case ("GET", nil) where request.path == "/version":
      try send(200, "application/json", Array(#"{"major":"1","minor":"36","gitVersion":"v1.36.0"}"#.utf8))
    case ("POST", nil) where request.path.hasSuffix("/events"):
      // The client gets its Event back, as from a server that has stored it. Nobody reads it here.
      try send(201, request.headers[.contentType] ?? "application/json", content)
    default:
      let status = #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}"#
      try send(404, "application/json", Array(status.utf8))
    }
    return true
  }

  private func list(_ resource: ServedResource) throws {
    let snapshot = cluster.snapshot(resource)
    let opening = """
      {"kind":"\(resource.kind)List","apiVersion":"\(resource.apiVersion)",\
      "metadata":{"resourceVersion":"\(snapshot.version)"},"items":[
      """
    let items = Array(snapshot.objects.joined(separator: [UInt8(ascii: ",")]))
    try send(200, "application/json", Array(opening.utf8) + items + Array("]}\n".utf8))
  }

  /// Sends changes until the client ends the connection.
  private func watch(_ resource: ServedResource, _ request: HTTPRequest) throws {
    try socket.write(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    var version = Int(request.query["resourceVersion"] ?? "") ?? 0
    let streamsList = request.query["sendInitialEvents"] == "true"
    if streamsList || version == 0 {
      let snapshot = cluster.snapshot(resource)
      version = snapshot.version
      var lines: [UInt8] = []
      for object in snapshot.objects {
        lines += ServedCluster.event("ADDED", object)
        if lines.count > 1 << 16 {
          try chunk(lines)
          lines.removeAll(keepingCapacity: true)
        }
      }
      // A chunk without bytes would end the answer.
      if !lines.isEmpty { try chunk(lines) }
    }
    if streamsList {
      let bookmark = """
        {"kind":"\(resource.kind)","apiVersion":"\(resource.apiVersion)","metadata":{"resourceVersion":"\(version)",\
        "annotations":{"k8s.io/initial-events-end":"true"}}}
        """
      try chunk(ServedCluster.event("BOOKMARK", Array(bookmark.utf8)))
    }
    let number = cluster.watch(resource, after: version) { [self] line in
      // If the client is gone, the read below notices it.
      try? chunk(line)
    }
    defer { cluster.endWatch(number) }
    var buffer = [UInt8](repeating: 0, count: 256)
    while try socket.read(into: &buffer) > 0 {}
  }

  private func chunk(_ bytes: [UInt8]) throws(SystemError) {
    try socket.write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0d, 0x0a])
  }

  private func send(_ status: Int, _ type: String, _ body: [UInt8]) throws {
    let head = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\nContent-Type: \(type)\r\n"
    try socket.write(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
  }
}
