import Foundation

/// Answers requests as the API server does, in everything that a service proxy uses.
struct APIHandler {
  let store: ObjectStore
  let options: APIServer.Options

  func handle(_ request: ServerRequest, _ writer: any ResponseWriter) throws {
    let format = AnswerFormat(request, options)
    if request.path == "/version" {
      return try writer.send(json(Data(#"{"major":"1","minor":"36","gitVersion":"v1.36.0-fixture"}"#.utf8)))
    }
    guard let target = Target(request.path), !options.missing.contains(target.resource) else {
      return try writer.send(
        format.response(
          .failure(404, reason: "NotFound", message: "the server could not find the requested resource")))
    }
    switch (request.method, target.name) {
    case ("GET", let name?): try get(target, name, format, writer)
    case ("GET", nil):
      let filter = ObjectFilter(
        resource: target.resource, namespace: target.namespace, labels: Selector(request.query["labelSelector"] ?? ""),
        fields: Selector(request.query["fieldSelector"] ?? ""))
      if ["true", "1"].contains(request.query["watch"]) {
        try WatchHandler(store: store, options: options, filter: filter, format: format).handle(request, writer)
      } else {
        try ListHandler(store: store, filter: filter, format: format).handle(request, writer)
      }
    case ("POST", nil): try create(target, request, writer)
    default: try writer.send(.failure(405, reason: "MethodNotAllowed", message: request.method))
    }
  }

  private func get(
    _ target: Target, _ name: String, _ format: AnswerFormat, _ writer: any ResponseWriter
  ) throws {
    let key = StoredObject.Key(target.resource, namespace: target.namespace ?? "", name: name)
    guard let object = store.object(key) else {
      let failure = ServerResponse.failure(
        404, reason: "NotFound", message: "\(target.resource.name) \(name) not found")
      return try writer.send(format.response(failure))
    }
    try writer.send(format.response(json(object.json)))
  }

  private func create(_ target: Target, _ request: ServerRequest, _ writer: any ResponseWriter) throws {
    guard var object = try? JSONSerialization.jsonObject(with: request.body) as? [String: Any],
      var metadata = object["metadata"] as? [String: Any]
    else { return try writer.send(.failure(400, reason: "BadRequest", message: "not an object")) }
    let name = metadata["name"] as? String ?? ""
    let key = StoredObject.Key(target.resource, namespace: target.namespace ?? "", name: name)
    if store.object(key) != nil {
      return try writer.send(.failure(409, reason: "AlreadyExists", message: "\(name) already exists"))
    }
    if let namespace = target.namespace { metadata["namespace"] = namespace }
    object["metadata"] = metadata
    do {
      try store.apply(object)
    } catch let error as ObjectError {
      return try writer.send(.failure(422, reason: "Invalid", message: error.description))
    }
    try writer.send(ServerResponse(status: 201, headers: jsonHeaders, body: store.object(key)?.json ?? Data()))
  }

  private func json(_ body: Data) -> ServerResponse { ServerResponse(status: 200, headers: jsonHeaders, body: body) }
}

let jsonHeaders = ["Content-Type": "application/json"]

/// What a path names: a collection, possibly of one namespace, or one object in it.
struct Target {
  var resource: Resource
  var namespace: String?
  var name: String?

  init?(_ path: String) {
    for resource in Resource.all {
      let root = resource.path.dropLast(resource.name.count)
      guard path.hasPrefix(root) else { continue }
      var rest = path.dropFirst(root.count).split(separator: "/").map(String.init)
      var namespace: String?
      if rest.first == "namespaces", rest.count >= 3 {
        namespace = rest[1]
        rest.removeFirst(2)
      }
      guard rest.first == resource.name, rest.count <= 2 else { continue }
      self.resource = resource
      self.namespace = namespace
      self.name = rest.count == 2 ? rest[1] : nil
      return
    }
    return nil
  }
}
