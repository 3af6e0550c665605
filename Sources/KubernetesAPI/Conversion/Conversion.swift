import ServiceModel

/// What converting one wire object made: its content, and remarks about parts of it.
struct Conversion {
  /// A remark about a field, before it is known which object of which file it belongs to.
  struct Remark {
    var field: String
    var message: String
  }

  var remarks: [Remark] = []
  let metadata: WireMetadata

  init(metadata: WireMetadata) { self.metadata = metadata }

  mutating func remark(_ field: String, _ message: String) { remarks.append(Remark(field: field, message: message)) }

  /// Checks and returns namespace and name of an object that has both. As with kubectl, an object without a namespace
  /// is in `default`.
  func namespacedName() throws(FieldProblem) -> NamespacedName {
    let namespace = metadata.namespaceOrDefault
    let name = metadata.name ?? ""
    try FieldCheck.label(namespace, "metadata.namespace")
    try FieldCheck.subdomain(name, "metadata.name")
    guard let result = NamespacedName(namespace: namespace, name: name) else {
      throw FieldProblem(field: "metadata.name", problem: "\(name.quoted) is no name")
    }
    return result
  }

  mutating func content(of body: WireObject.Body, apiVersion: String, interner: inout StringInterner)
    throws(FieldProblem) -> DecodedObject.Content
  {
    switch body {
    case .service(let wire): try service(wire)
    case .endpointSlice(let wire): try endpointSlice(wire, interner: &interner)
    case .node(let wire): try node(wire)
    case .serviceCIDR(let wire): try serviceCIDR(wire)
    case .other: .ignored(.otherKind(apiVersion: apiVersion))
    }
  }
}
