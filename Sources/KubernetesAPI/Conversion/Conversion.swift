import ServiceModel

/// The result of converting one wire object: its content, and remarks about parts of it.
struct Conversion {
  /// A remark about a field, before its object and file are known.
  struct Remark: CustomStringConvertible {
    var field: String
    var message: String

    var description: String { field.isEmpty ? message : "\(field): \(message)" }
  }

  /// The maximum number of remarks per object. A slice may have a thousand endpoints, and nobody reads that many lines.
  static let remarkLimit = 20

  private var all: [Remark] = []
  private var unsaid = 0
  /// External IPs of a Service that is ignored.
  private(set) var unservedAddresses: [IPAddress] = []
  let metadata: WireMetadata
  /// Values of a wrong type, which were removed before the object was decoded.
  private var mistyped: [MistypedValue]

  init(metadata: WireMetadata, mistyped: [MistypedValue] = []) {
    self.metadata = metadata
    self.mistyped = mistyped
  }

  /// All remarks, including those about values of a wrong type that have no other remark.
  var remarks: [Remark] {
    let rest = mistyped.map { Remark(field: $0.field, message: "\($0.problem); it is left out") }
    let more = unsaid == 0 ? [] : [Remark(field: "", message: "and \(unsaid) more of this kind")]
    return all + rest.prefix(Conversion.remarkLimit) + more
  }

  mutating func remark(_ field: String, _ message: String) {
    if all.count < Conversion.remarkLimit {
      all.append(Remark(field: field, message: message))
    } else {
      unsaid += 1
    }
  }

  mutating func ignore(_ addresses: [IPAddress]) { unservedAddresses = addresses }

  /// Adds a remark that a part of the object is left out, and why.
  mutating func leaveOut(_ what: String, _ problem: FieldProblem) {
    let problem = explained(problem)
    mistyped.removeAll { $0.field == problem.field }
    remark(problem.field, "\(problem.problem); \(what)")
  }

  /// The problem. If a value of a wrong type caused it, the type error is returned instead.
  func explained(_ problem: FieldProblem) -> FieldProblem {
    guard let value = mistyped.first(where: { $0.contains(problem.field) }) else { return problem }
    return FieldProblem(field: value.field, problem: value.problem)
  }

  /// Reads an optional part of the object. If the part is not valid, a remark is added and nil is returned.
  mutating func part<Value>(
    _ what: String = "it is left out", _ read: (inout Conversion) throws(FieldProblem) -> Value
  ) -> Value? {
    do throws(FieldProblem) {
      return try read(&self)
    } catch {
      leaveOut(what, error)
      return nil
    }
  }

  /// Checks and returns the namespace and name of a namespaced object. As in kubectl, an object without a namespace is
  /// in `default`.
  func namespacedName() throws(FieldProblem) -> NamespacedName {
    let namespace = metadata.namespaceOrDefault
    let name = metadata.name ?? ""
    try FieldCheck.label(namespace, "metadata.namespace")
    try FieldCheck.subdomain(name, "metadata.name")
    guard let result = NamespacedName(namespace: namespace, name: name) else {
      throw FieldProblem(field: "metadata.name", problem: "\(name.quoted) is not a valid name")
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

extension MistypedValue {
  /// Whether a field is this field or is inside it.
  fileprivate func contains(_ other: String) -> Bool {
    other == field || other.hasPrefix("\(field).") || other.hasPrefix("\(field)[")
  }
}
