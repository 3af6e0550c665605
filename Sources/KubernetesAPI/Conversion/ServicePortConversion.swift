import ServiceModel

extension Conversion {
  mutating func ports(
    _ spec: WireService.Spec, of service: NamespacedName, type: WireServiceType
  ) throws(FieldProblem) -> [Service.Port] {
    let wires = spec.ports ?? []
    if wires.isEmpty { throw FieldProblem(field: "spec.ports", problem: "is missing or empty") }
    var result: [Service.Port] = []
    for (index, wire) in wires.enumerated() {
      let port = try self.port(wire, at: index, of: service, type: type)
      if wires.count > 1 && port.name.port.isEmpty {
        throw FieldProblem(field: "spec.ports[\(index)].name", problem: "is missing, and there are several ports")
      }
      try checkDistinct(port, from: result, at: index)
      result.append(port)
    }
    return result
  }

  private mutating func port(
    _ wire: WireService.Port, at index: Int, of service: NamespacedName, type: WireServiceType
  ) throws(FieldProblem) -> Service.Port {
    let path = "spec.ports[\(index)]"
    let text = try FieldCheck.portName(wire.name, "\(path).name")
    let transport = try FieldCheck.choice(wire.protocol, default: TransportProtocol.tcp, "\(path).protocol")
    guard let name = ServicePortName(service: service, port: text, transport: transport) else {
      throw FieldProblem(field: "\(path).name", problem: "\(text.quoted) is no DNS label")
    }
    guard let number = wire.port else { throw FieldProblem(field: "\(path).port", problem: "is missing") }
    var port = Service.Port(name: name, port: try FieldCheck.port(number, "\(path).port"))
    port.nodePort = try FieldCheck.optionalPort(wire.nodePort, "\(path).nodePort")
    if type == .clusterIP, let nodePort = port.nodePort {
      remark("\(path).nodePort", "\(nodePort) is left out, as a Service of type ClusterIP has no node ports")
      port.nodePort = nil
    }
    return port
  }

  /// The API server guarantees this; two such ports would make two rules of which only one can work.
  private func checkDistinct(
    _ port: Service.Port, from others: [Service.Port], at index: Int
  ) throws(FieldProblem) {
    let path = "spec.ports[\(index)]"
    for (other, earlier) in others.enumerated() {
      if earlier.name.port == port.name.port {
        throw FieldProblem(field: "\(path).name", problem: "\(port.name.port) is that of spec.ports[\(other)] too")
      }
      guard earlier.name.transport == port.name.transport else { continue }
      if earlier.port == port.port {
        throw FieldProblem(field: "\(path).port", problem: "\(port.port) is that of spec.ports[\(other)] too")
      }
      if let nodePort = port.nodePort, earlier.nodePort == nodePort {
        throw FieldProblem(field: "\(path).nodePort", problem: "\(nodePort) is that of spec.ports[\(other)] too")
      }
    }
  }
}
