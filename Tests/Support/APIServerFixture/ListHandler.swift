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
    // Version 0 is served from the cache, which ignores the limit.
    let isCached = request.query["resourceVersion"] == "0"
    let limit = isCached ? Int.max : request.query["limit"].flatMap { Int($0) } ?? Int.max
    var objects = snapshot.objects
    var version = snapshot.resourceVersion
    if let token = request.query["continue"].flatMap(ContinueToken.init) {
      guard token.resourceVersion == -1 || !store.isCompacted(token.resourceVersion) else {
        let fresh = ContinueToken(resourceVersion: -1, after: token.after).text
        return try writer.send(
          format.response(
            .failure(
              410, reason: "Expired", message: "The provided continue parameter is too old",
              metadata: #"{"continue":"\#(fresh)"}"#)))
      }
      objects = objects.filter { "\($0.namespace)/\($0.name)" > token.after }
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
      let token = ContinueToken(resourceVersion: version, after: "\(last.namespace)/\(last.name)")
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
  /// `namespace/name` of the last object of the page before.
  var after: String

  init(resourceVersion: Int, after: String) {
    self.resourceVersion = resourceVersion
    self.after = after
  }

  init?(_ text: String) {
    guard let data = Data(base64Encoded: text) else { return nil }
    let parts = String(decoding: data, as: UTF8.self).split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let version = Int(parts[0]) else { return nil }
    self.init(resourceVersion: version, after: String(parts[1]))
  }

  var text: String { Data("\(resourceVersion) \(after)".utf8).base64EncodedString() }
}
