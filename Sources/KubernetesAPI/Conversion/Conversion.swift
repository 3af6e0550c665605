import ServiceModel

/// What converting one wire object made: its content, and remarks about parts of it.
struct Conversion {
  /// A remark about a field, before it is known which object of which file it belongs to.
  struct Remark: CustomStringConvertible {
    var field: String
    var message: String

    var description: String { field.isEmpty ? message : "\(field): \(message)" }
  }

  /// A slice may have a thousand endpoints; nobody reads as many lines about one object.
  static let remarkLimit = 20

  private var all: [Remark] = []
  private var unsaid = 0
  /// External IPs of a Service that is ignored.
  private(set) var unservedAddresses: [IPAddress] = []
  let metadata: WireMetadata
  /// Values of a wrong type, which were taken out before the object was decoded.
  private var mistyped: [MistypedValue]

  init(metadata: WireMetadata, mistyped: [MistypedValue] = []) {
    self.metadata = metadata
    self.mistyped = mistyped
  }

  /// Everything that was remarked, also about values of a wrong type that nothing else was said of.
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

  /// Remarks that a part of the object is left out, and why.
  mutating func leaveOut(_ what: String, _ problem: FieldProblem) {
    let problem = explained(problem)
    mistyped.removeAll { $0.field == problem.field }
    remark(problem.field, "\(problem.problem); \(what)")
  }

  /// The problem, or that the value was of a wrong type, where that is the reason for it.
  func explained(_ problem: FieldProblem) -> FieldProblem {
    guard let value = mistyped.first(where: { $0.contains(problem.field) }) else { return problem }
    return FieldProblem(field: value.field, problem: value.problem)
  }

  /// Reads a part that the object can do without. If it cannot be read, a remark says so and nil is returned.
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

extension MistypedValue {
  /// Whether a field is this one or stands in it.
  fileprivate func contains(_ other: String) -> Bool {
    other == field || other.hasPrefix("\(field).") || other.hasPrefix("\(field)[")
  }
}
