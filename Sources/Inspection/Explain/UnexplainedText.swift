import ServiceModel

extension UnexplainedAddress {
  /// The text for this address, in at most 100 columns.
  package func text(style: TextStyle = TextStyle(isColored: false)) -> String {
    let place = subject.address.map { SocketAddress($0, port: subject.port).description } ?? "port \(subject.port)"
    let port = subject.label.port.isEmpty ? "" : ", port \(subject.label.port)"
    var lines = [
      style.heading("\(place)/\(subject.transport.rawValue)"),
      "  \(subject.kind.article) \(subject.kind.name) of Service \(subject.label.service)\(port), \(family.rawValue)",
      "", "  " + style.notable("cannot be explained"), "    why: \(error.reason.visible)",
    ]
    if let advice = error.advice { lines.append("    what helps: \(advice.visible)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ServiceAddress.Kind {
  /// "a" for node ports, as each node has one; "the" for addresses that the Service has once.
  var article: String {
    switch self {
    case .nodePort, .healthCheckNodePort: "a"
    case .clusterIP, .externalIP, .loadBalancerIP: "the"
    }
  }
}

/// An address that cannot be explained, as data for JSON.
package struct UnexplainedDocument: Encodable, Sendable {
  let summary = "unexplained"
  let subject: ExplanationDocument.Subject
  let port: UInt16
  let `protocol`: String
  let family: IPFamily
  let reason: String
  let advice: String?

  package init(_ address: UnexplainedAddress) {
    subject = ExplanationDocument.Subject(address.subject)
    port = address.subject.port
    `protocol` = address.subject.transport.rawValue
    family = address.family
    reason = address.error.reason
    advice = address.error.advice
  }
}
