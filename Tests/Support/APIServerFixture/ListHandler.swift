import Foundation

/// A list: whole, or in pages. The token of a page contains the version and the last key, like the API server's.
struct ListHandler {
  let store: ObjectStore
  let filter: ObjectFilter
  let format: AnswerFormat

  func handle(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    let snapshot = store.snapshot(filter)
    if let refusal = refusal(of: request, current: snapshot.resourceVersion) {
      return try writer.send(format.response(refusal))
    }
    // Version 0 is served from the cache, which ignores the limit. A limit of 0 is none.
    let isCached = request.query["resourceVersion"] == "0"
    let wanted = isCached ? 0 : request.query["limit"].flatMap { Int($0) } ?? 0
    let limit = wanted > 0 ? wanted : Int.max
    var objects = snapshot.objects
    var version = snapshot.resourceVersion
    if let token = request.query["continue"].flatMap(ContinueToken.init) {
      guard token.resourceVersion == -1 || !store.isCompacted(token.resourceVersion) else {
        var fresh = token
        fresh.resourceVersion = -1
        return try writer.send(
          format.response(
            .failure(
              410, reason: "Expired", message: "The provided continue parameter is too old",
              metadata: #"{"continue":"\#(fresh.text)"}"#)))
      }
      objects = objects.filter { ($0.namespace, $0.name) > (token.namespace, token.name) }
      if token.resourceVersion != -1 { version = token.resourceVersion }
    }
    try send(Array(objects.prefix(limit)), of: objects.count, version: version, writer)
  }

  private func refusal(of request: ServerRequest, current: Int) -> ServerResponse? {
    guard let text = request.query["resourceVersion"], !text.isEmpty else { return nil }
    guard let version = Int(text) else {
      return .failure(400, reason: "BadRequest", message: "invalid resource version: \(text)")
    }
    if version > current {
      return .failure(
        504, reason: "Timeout", message: "Timeout: Too large resource version: \(version), current: \(current)",
        headers: ["Retry-After": "1"])
    }
    if request.query["resourceVersionMatch"] == "Exact", store.isCompacted(version) {
      return .failure(410, reason: "Expired", message: "The resourceVersion for the provided list is too old.")
    }
    return nil
  }

  private func send(
    _ page: [StoredObject], of total: Int, version: Int, _ writer: any ResponseWriter
  ) throws {
    var metadata = #"{"resourceVersion":"\#(version)""#
    if page.count < total, let last = page.last {
      let token = ContinueToken(resourceVersion: version, namespace: last.namespace, name: last.name)
      metadata += #","continue":"\#(token.text)","remainingItemCount":\#(total - page.count)"#
    }
    var body = Data(
      #"{"kind":"\#(filter.resource.kind)List","apiVersion":"\#(filter.resource.apiVersion)","metadata":\#(metadata)},"#
        .utf8)
    body += Data(#""items":["#.utf8)
    for (index, object) in page.enumerated() {
      if index > 0 { body.append(UInt8(ascii: ",")) }
      body += object.json
    }
    body += Data("]}\n".utf8)
    try writer.send(format.response(ServerResponse(status: 200, headers: jsonHeaders, body: body)))
  }
}

/// What a page's `continue` says.
struct ContinueToken {
  /// -1: the current version.
  var resourceVersion: Int
  /// The last object of the page before.
  var namespace: String
  var name: String
}

extension ContinueToken {

  init?(_ text: String) {
    guard let data = Data(base64Encoded: text) else { return nil }
    let parts = String(decoding: data, as: UTF8.self).components(separatedBy: " ")
    guard parts.count == 3, let version = Int(parts[0]) else { return nil }
    self.init(resourceVersion: version, namespace: parts[1], name: parts[2])
  }

  var text: String { Data("\(resourceVersion) \(namespace) \(name)".utf8).base64EncodedString() }
}
