/// A label or field selector: all requirements have to hold.
struct Selector: Sendable {
  enum Requirement: Sendable {
    case exists(String)
    case absent(String)
    case equal(String, String)
    case unequal(String, String)
  }

  let requirements: [Requirement]

  /// Reads `key`, `!key`, `key=value`, `key==value` and `key!=value`, joined by commas.
  init(_ text: String) {
    requirements = text.split(separator: ",").map { part in
      let part = String(part)
      if part.hasPrefix("!") { return .absent(String(part.dropFirst())) }
      let pieces = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      if pieces.count == 1 { return .exists(part) }
      let value = pieces.last ?? ""
      if pieces[0].hasSuffix("!") { return .unequal(String(pieces[0].dropLast()), value) }
      return .equal(pieces[0], value)
    }
  }

  func matches(_ values: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .exists(let key): values[key] != nil
      case .absent(let key): values[key] == nil
      case .equal(let key, let value): values[key] == value
      case .unequal(let key, let value): values[key] != value
      }
    }
  }
}

/// Which objects of a resource a request is about.
struct ObjectFilter: Sendable {
  var resource: Resource
  var namespace: String?
  var labels = Selector("")
  var fields = Selector("")

  func matches(_ object: StoredObject) -> Bool {
    object.resource == resource && (namespace == nil || namespace == object.namespace)
      && labels.matches(object.labels) && fields.matches(object.fields)
  }
}
