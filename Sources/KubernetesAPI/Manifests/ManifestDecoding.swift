import FoundationEssentials

/// Finds the line of a field in the file of an object.
protocol LineFinder {
  func line(of field: String) -> Int?
  /// The place and the reason of a syntax error in the object.
  func syntaxError() -> LocatedProblem?
}

struct LocatedProblem {
  var line: Int
  var problem: String
}

extension ManifestContents {
  /// Decodes one object and adds it, or its failure. Returns true for an object without a kind, which is neither added
  /// nor a failure yet.
  @discardableResult
  mutating func decode(
    _ json: [UInt8], impliedKind: ResourceKind? = nil, source: ObjectSource, lines: some LineFinder,
    decoder: inout ObjectDecoder
  ) -> Bool {
    do throws(ObjectFailure) {
      var object = try decoder.decode(json, impliedKind: impliedKind, source: source)
      if object.reference.kind.isEmpty { return true }
      for index in object.warnings.indices {
        object.warnings[index].source.line = lines.line(of: object.warnings[index].field)
      }
      add(object)
    } catch {
      fail(error.located(by: lines))
    }
    return false
  }

  mutating func failKindless(_ source: ObjectSource) {
    fail(.undecodable(DecodingFailure(source: source, field: "kind", problem: "is missing")))
  }
}

extension ObjectFailure {
  /// The same failure, with the line of the field instead of the line of the object.
  fileprivate func located(by lines: some LineFinder) -> ObjectFailure {
    switch self {
    case .invalid(var error):
      error.source.line = lines.line(of: error.field) ?? error.source.line
      return .invalid(error)
    case .undecodable(var failure):
      if let field = failure.field {
        failure.source.line = lines.line(of: field) ?? failure.source.line
      } else if let error = lines.syntaxError() {
        failure.source.line = error.line
        failure.problem = error.problem
      }
      return .undecodable(failure)
    }
  }
}

/// The kind of a list: `List`, whose items have their own kinds, or a typed list such as `ServiceList`.
struct ListKind: Hashable {
  var name: String

  /// Whether the name determines the kind of the items, so that the items need not state it.
  var isTyped: Bool { name.hasSuffix("List") && name != "List" }

  /// The kind of the items, if it is one of the kinds that are read.
  var items: ResourceKind? {
    name.hasSuffix("List") ? ResourceKind(rawValue: String(name.dropLast("List".count))) : nil
  }
}

extension ObjectDecoder {
  private struct ListHeader: Decodable {
    var kind: String?
  }

  /// Reads the kind of a list whose items were removed.
  func listKind(_ json: [UInt8], source: ObjectSource) throws(ObjectFailure) -> ListKind {
    do {
      return ListKind(name: try decoder.decode(ListHeader.self, from: Data(json)).kind ?? "")
    } catch {
      throw .undecodable(JSONDiagnosis(source: source).failure(error))
    }
  }
}
