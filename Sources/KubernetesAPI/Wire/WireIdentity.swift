/// The kind and name of an object that could not be decoded. Parts that are not strings are empty.
struct WireIdentity: Decodable {
  struct Metadata: Decodable {
    var name = ""
    var namespace = ""

    enum CodingKeys: String, CodingKey {
      case name, namespace
    }

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = (try? container.decode(String.self, forKey: .name)) ?? ""
      namespace = (try? container.decode(String.self, forKey: .namespace)) ?? ""
    }
  }

  var kind: String
  var metadata: Metadata

  enum CodingKeys: String, CodingKey {
    case kind, metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = (try? container.decode(String.self, forKey: .kind)) ?? ""
    metadata = (try? container.decode(Metadata.self, forKey: .metadata)) ?? Metadata()
  }

  func reference(_ impliedKind: ResourceKind?) -> ObjectReference {
    ObjectReference(
      kind: kind.isEmpty ? impliedKind?.rawValue ?? "" : kind, namespace: metadata.namespace, name: metadata.name)
  }
}
