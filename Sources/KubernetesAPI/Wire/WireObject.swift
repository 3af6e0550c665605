/// An object of any kind, decoded in one pass. The kind decides how the other fields are decoded.
struct WireObject: Decodable {
  enum Body {
    case service(WireService)
    case endpointSlice(WireEndpointSlice)
    case node(WireNode)
    case serviceCIDR(WireServiceCIDR)
    case other
  }

  var apiVersion: String
  var kind: String
  var metadata: WireMetadata
  var body: Body

  enum CodingKeys: String, CodingKey {
    case apiVersion, kind, metadata
  }

  /// The kind of the items of a list such as ServiceList. The items do not state it themselves.
  static let impliedKind = CodingUserInfoKey(rawValue: "impliedKind")!

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let implied = decoder.userInfo[WireObject.impliedKind] as? ResourceKind
    kind = try container.decodeIfPresent(String.self, forKey: .kind) ?? implied?.rawValue ?? ""
    apiVersion = try container.decodeIfPresent(String.self, forKey: .apiVersion) ?? implied?.apiVersions.first ?? ""
    if apiVersion.isEmpty && ResourceKind(rawValue: kind) != nil {
      let context = DecodingError.Context(codingPath: container.codingPath, debugDescription: "")
      throw DecodingError.keyNotFound(CodingKeys.apiVersion, context)
    }
    guard let resource = ResourceKind(rawValue: kind), resource.apiVersions.contains(apiVersion) else {
      metadata = (try? container.decodeIfPresent(WireMetadata.self, forKey: .metadata)) ?? WireMetadata()
      body = .other
      return
    }
    metadata = try container.decode(WireMetadata.self, forKey: .metadata)
    switch resource {
    case .service: body = .service(try WireService(from: decoder))
    case .endpointSlice: body = .endpointSlice(try WireEndpointSlice(from: decoder))
    case .node: body = .node(try WireNode(from: decoder))
    case .serviceCIDR: body = .serviceCIDR(try WireServiceCIDR(from: decoder))
    }
  }
}

extension WireObject {
  var reference: ObjectReference {
    switch body {
    case .service, .endpointSlice:
      ObjectReference(kind: kind, namespace: metadata.namespaceOrDefault, name: metadata.name ?? "")
    case .node, .serviceCIDR: ObjectReference(kind: kind, name: metadata.name ?? "")
    case .other: ObjectReference(kind: kind, namespace: metadata.namespace ?? "", name: metadata.name ?? "")
    }
  }
}

extension ResourceKind {
  /// The API versions whose fields match the types here. The first one is requested from the API server.
  package var apiVersions: [String] {
    switch self {
    case .service, .node: ["v1"]
    case .endpointSlice: ["discovery.k8s.io/v1"]
    case .serviceCIDR: ["networking.k8s.io/v1", "networking.k8s.io/v1beta1"]
    }
  }
}
