import ServiceModel

/// The ports of a Service that are used so far, and the indices of their names and numbers in `spec.ports`.
///
/// The API server guarantees that ports are distinct. Two equal ports would create two rules, and only one could match.
/// A Service can have tens of thousands of ports, so each port is looked up in a table and not compared with all
/// others.
struct DistinctPorts {
  private struct Number: Hashable {
    var transport: TransportProtocol
    var number: UInt16
  }

  private(set) var ports: [PlacedPort] = []
  /// Indices in `spec.ports`.
  private var names: [String: Int] = [:]
  private var numbers: [Number: Int] = [:]
  private var nodePorts: [Number: Int] = [:]

  /// - Throws: if a port in use has this port's name, or its protocol and number.
  func check(_ port: PlacedPort) throws(FieldProblem) {
    let name = port.port.name.port
    let (named, numbered) = (names[name], numbers[DistinctPorts.number(port.port.port, port)])
    if let named, named <= numbered ?? named {
      let other = PlacedPort.path(named)
      throw FieldProblem(
        field: "\(port.path).name",
        problem: name.isEmpty
          ? "is missing, and that of \(other) is missing too" : "\(name) is also the name of \(other)"
      )
    }
    if let numbered {
      throw FieldProblem(
        field: "\(port.path).port", problem: "\(port.port.port) is also the port of \(PlacedPort.path(numbered))")
    }
  }

  /// - Throws: if a port in use has this node port with the protocol of `port`.
  func check(nodePort: UInt16, of port: PlacedPort) throws(FieldProblem) {
    guard let other = nodePorts[DistinctPorts.number(nodePort, port)] else { return }
    throw FieldProblem(
      field: "\(port.path).nodePort", problem: "\(nodePort) is also the node port of \(PlacedPort.path(other))")
  }

  mutating func take(_ port: PlacedPort) {
    names[port.port.name.port] = port.index
    numbers[DistinctPorts.number(port.port.port, port)] = port.index
    if let nodePort = port.port.nodePort { nodePorts[DistinctPorts.number(nodePort, port)] = port.index }
    ports.append(port)
  }

  private static func number(_ number: UInt16, _ port: PlacedPort) -> Number {
    Number(transport: port.port.name.transport, number: number)
  }
}

/// A port and its index in `spec.ports`.
struct PlacedPort {
  var index: Int
  var port: Service.Port

  var path: String { PlacedPort.path(index) }

  static func path(_ index: Int) -> String { "spec.ports[\(index)]" }
}
