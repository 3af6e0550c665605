import Foundation

/// A watch: what changed since a version, one event after the other, until the time that the client asked for is over.
struct WatchHandler {
  let store: ObjectStore
  let options: APIServer.Options
  let filter: ObjectFilter
  let format: AnswerFormat

  func handle(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    let streams = request.query["sendInitialEvents"] == "true"
    if streams, request.query["resourceVersionMatch"] != "NotOlderThan" {
      let message = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
      return try writer.send(format.response(.failure(422, reason: "Invalid", message: message)))
    }
    try writer.head(status: 200, headers: format.streamHeaders, length: nil)
    if streams && !options.streamsLists {
      let message = "a watch stream was requested by the client but the required storage feature is disabled"
      let status = ServerResponse.failure(500, reason: "InternalError", message: message)
      try writer.write(format.event("ERROR", json: status.body))
      return try writer.end()
    }
    let start = Date()
    let end = start.addingTimeInterval(request.query["timeoutSeconds"].flatMap { Double($0) } ?? 1800)
    var version = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
    let bookmarks = request.query["allowWatchBookmarks"] == "true"
    if streams || version == 0 {
      let snapshot = store.snapshot(filter)
      var initial = Data()
      for object in snapshot.objects { initial += format.event("ADDED", object) }
      if streams { initial += try bookmark(snapshot.resourceVersion, endsInitialEvents: true) }
      try writer.write(initial)
      version = snapshot.resourceVersion
    }
    try follow(after: version, until: end, bookmarks: bookmarks, writer)
  }

  private func follow(after start: Int, until end: Date, bookmarks: Bool, _ writer: any ResponseWriter) throws {
    var version = start
    var nextBookmark = Date().addingTimeInterval(options.bookmarkInterval)
    while !writer.isGone {
      let news = store.news(after: version, until: min(end, Date().addingTimeInterval(0.1)))
      if news.isTooOld {
        let message = "too old resource version: \(version) (\(news.resourceVersion))"
        let status = ServerResponse.failure(410, reason: "Expired", message: message)
        try writer.write(format.event("ERROR", json: status.body))
        return try writer.end()
      }
      var batch = Data()
      for change in news.changes { batch += try event(of: change) }
      version = news.resourceVersion
      let isOver = Date() >= end
      if bookmarks, isOver || Date() >= nextBookmark {
        batch += try bookmark(version, endsInitialEvents: false)
        nextBookmark = Date().addingTimeInterval(options.bookmarkInterval)
      }
      if !batch.isEmpty { try writer.write(batch) }
      if isOver { return try writer.end() }
    }
  }

  /// The event for a client that sees only the objects that match the filter.
  private func event(of change: ObjectStore.Change) throws -> Data {
    let now = change.object.flatMap { filter.matches($0) ? $0 : nil }
    let before = change.previous.flatMap { filter.matches($0) ? $0 : nil }
    switch (before, now) {
    case (nil, nil): return Data()
    case (nil, let now?): return format.event("ADDED", now)
    case (_?, let now?): return format.event("MODIFIED", now)
    case (let before?, nil):
      return try format.event("DELETED", json: before.deleted(at: change.resourceVersion))
    }
  }

  private func bookmark(_ version: Int, endsInitialEvents: Bool) throws -> Data {
    let annotations = endsInitialEvents ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
    let resource = filter.resource
    return try format.event(
      "BOOKMARK",
      json: Data(
        """
        {"kind":"\(resource.kind)","apiVersion":"\(resource.apiVersion)",\
        "metadata":{"resourceVersion":"\(version)"\(annotations)}}
        """.utf8))
  }
}

extension StoredObject {
  /// The last state, with the version of its deletion.
  func deleted(at version: Int) -> Data {
    guard var object = try? JSONSerialization.jsonObject(with: json) as? [String: Any],
      var metadata = object["metadata"] as? [String: Any]
    else { return json }
    metadata["resourceVersion"] = String(version)
    object["metadata"] = metadata
    return (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
      ?? json
  }
}
