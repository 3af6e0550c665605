import ServiceModel

extension Conversion {
  /// The valid ports. All other ports are left out.
  /// - Throws: if no port is valid.
  mutating func ports(
    _ spec: WireService.Spec, of service: NamespacedName, type: WireServiceType
  ) throws(FieldProblem) -> [Service.Port] {
    let wires = spec.ports ?? []
    if wires.isEmpty { throw FieldProblem(field: "spec.ports", problem: "is missing or empty") }
    var taken = DistinctPorts()
    var problems: [FieldProblem] = []
    for (index, wire) in wires.enumerated() {
      do throws(FieldProblem) {
        var port = PlacedPort(index: index, port: try self.port(wire, at: index, of: service))
        try taken.check(port)
        port.port.nodePort = nodePort(wire, of: port, besides: taken, type: type)
        taken.take(port)
      } catch {
        problems.append(error)
      }
    }
    let result = taken.ports
    if result.isEmpty, let first = problems.first { throw first }
    for problem in problems { leaveOut("the port is left out", problem) }
    if result.count > 1, let unnamed = result.first(where: { $0.port.name.port.isEmpty }) {
      remark(
        "spec.ports[\(unnamed.index)].name", "is missing, and there are several ports; the port is used without a name")
    }
    return result.map(\.port)
  }

  private func port(
    _ wire: WireService.Port, at index: Int, of service: NamespacedName
  ) throws(FieldProblem) -> Service.Port {
    let path = "spec.ports[\(index)]"
    let text = try FieldCheck.portName(wire.name, "\(path).name")
    let transport = try FieldCheck.choice(wire.protocol, default: TransportProtocol.tcp, "\(path).protocol")
    guard let name = ServicePortName(service: service, port: text, transport: transport) else {
      throw FieldProblem(field: "\(path).name", problem: "\(text.quoted) is not a DNS label")
    }
    guard let number = wire.port else { throw FieldProblem(field: "\(path).port", problem: "is missing") }
    return Service.Port(name: name, port: try FieldCheck.port(number, "\(path).port"))
  }

  /// The node port; nil if it is not valid. The port itself works without it.
  private mutating func nodePort(
    _ wire: WireService.Port, of port: PlacedPort, besides others: DistinctPorts, type: WireServiceType
  ) -> UInt16? {
    let field = "\(port.path).nodePort"
    let number = part { (_) throws(FieldProblem) -> UInt16? in
      let number = try FieldCheck.optionalPort(wire.nodePort, field)
      if let number { try others.check(nodePort: number, of: port) }
      return number
    }
    guard let number = number ?? nil else { return nil }
    if type != .clusterIP { return number }
    remark(field, "\(number) is left out, because a Service of type ClusterIP has no node ports")
    return nil
  }
}
