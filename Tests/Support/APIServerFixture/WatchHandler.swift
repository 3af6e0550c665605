import Foundation

/// A watch: what changed since a version, one JSON object a line, until the time that the client asked for is over.
struct WatchHandler {
  let store: ObjectStore
  let options: APIServer.Options
  let filter: ObjectFilter

  func handle(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    let streams = request.query["sendInitialEvents"] == "true"
    if streams, request.query["resourceVersionMatch"] != "NotOlderThan" {
      let message = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
      return try writer.send(.failure(422, reason: "Invalid", message: message))
    }
    try writer.head(status: 200, headers: jsonHeaders, length: nil)
    if streams && !options.streamsLists {
      let message = "a watch stream was requested by the client but the required storage feature is disabled"
      try writer.write(line("ERROR", ServerResponse.failure(500, reason: "InternalError", message: message).body))
      return try writer.end()
    }
    let start = Date()
    let end = start.addingTimeInterval(request.query["timeoutSeconds"].flatMap { Double($0) } ?? 1800)
    var version = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
    let bookmarks = request.query["allowWatchBookmarks"] == "true"
    if streams || version == 0 {
      let snapshot = store.snapshot(filter)
      var initial = Data()
      for object in snapshot.objects { initial += line("ADDED", object.json) }
      if streams { initial += bookmark(snapshot.resourceVersion, endsInitialEvents: true) }
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
        try writer.write(line("ERROR", ServerResponse.failure(410, reason: "Expired", message: message).body))
        return try writer.end()
      }
      var batch = Data()
      for change in news.changes { batch += event(of: change) }
      version = news.resourceVersion
      let isOver = Date() >= end
      if bookmarks, isOver || Date() >= nextBookmark {
        batch += bookmark(version, endsInitialEvents: false)
        nextBookmark = Date().addingTimeInterval(options.bookmarkInterval)
      }
      if !batch.isEmpty { try writer.write(batch) }
      if isOver { return try writer.end() }
    }
  }

  /// What a change is to someone who sees only the objects that the filter lets through.
  private func event(of change: ObjectStore.Change) -> Data {
    let now = change.object.flatMap { filter.matches($0) ? $0 : nil }
    let before = change.previous.flatMap { filter.matches($0) ? $0 : nil }
    switch (before, now) {
    case (nil, nil): return Data()
    case (nil, let now?): return line("ADDED", now.json)
    case (_?, let now?): return line("MODIFIED", now.json)
    case (let before?, nil): return line("DELETED", before.deleted(at: change.resourceVersion))
    }
  }

  private func bookmark(_ version: Int, endsInitialEvents: Bool) -> Data {
    let annotations = endsInitialEvents ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
    let resource = filter.resource
    return line(
      "BOOKMARK",
      Data(
        """
        {"kind":"\(resource.kind)","apiVersion":"\(resource.apiVersion)",\
        "metadata":{"resourceVersion":"\(version)"\(annotations)}}
        """.utf8))
  }

  private func line(_ type: String, _ object: Data) -> Data {
    Data(#"{"type":"\#(type)","object":"#.utf8) + object + Data("}\n".utf8)
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
