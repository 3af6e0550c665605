#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ManifestContents {
  /// Decodes one object and adds it, or what is wrong with it. Returns whether it is an object that states no kind,
  /// which is neither added nor a failure yet.
  @discardableResult
  mutating func decode(
    _ json: [UInt8], impliedKind: ResourceKind? = nil, source: ObjectSource, decoder: inout ObjectDecoder
  ) -> Bool {
    do throws(ObjectFailure) {
      let object = try decoder.decode(json, impliedKind: impliedKind, source: source)
      if object.reference.kind.isEmpty { return true }
      add(object)
    } catch {
      fail(error)
    }
    return false
  }

  mutating func failKindless(_ source: ObjectSource) {
    fail(.undecodable(DecodingFailure(source: source, field: "kind", problem: "is missing")))
  }
}

/// The kind of a list: `List`, whose items state theirs, or `ServiceList` and the like.
struct ListKind: Hashable {
  var name: String

  /// Whether the name says what the items are, so that they need not.
  var isTyped: Bool { name.hasSuffix("List") && name != "List" }

  /// The kind of the items, where it is one that is read.
  var items: ResourceKind? {
    name.hasSuffix("List") ? ResourceKind(rawValue: String(name.dropLast("List".count))) : nil
  }
}

extension ObjectDecoder {
  private struct ListHeader: Decodable {
    var kind: String?
  }

  /// Reads the kind of a list whose items have been taken out.
  func listKind(_ json: [UInt8], source: ObjectSource) throws(ObjectFailure) -> ListKind {
    do {
      return ListKind(name: try decoder.decode(ListHeader.self, from: Data(json)).kind ?? "")
    } catch {
      throw .undecodable(JSONDiagnosis(source: source).failure(error))
    }
  }
}
