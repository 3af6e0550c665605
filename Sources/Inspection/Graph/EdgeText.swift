import IPTables
import ServiceModel

/// Short texts for edges and nodes of a graph.
enum EdgeText {
  /// The conditions of a jump: `10.200.1.16:80/TCP`, `from 192.0.2.0/24`.
  static func conditions(_ rule: Rule) -> String {
    var address: String?
    var port: String?
    var transport = ""
    var others: [String] = []
    for match in rule.matches {
      switch match {
      case .destination(let destination, let negated):
        let text = destination.canonical
        if negated { others.append("not to \(text.text)") } else { address = bracketed(text) }
      case .destinationPort(let ports):
        port = ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
      case .transport(let known): transport = "/\(known.rawValue)"
      case .source(let source, let negated): others.append("\(negated ? "not " : "")from \(source.canonical.text)")
      case .inInterface(let pattern, let negated): others.append("\(negated ? "not " : "")in by \(pattern)")
      case .sourceType(.local): others.append("from this host")
      case .destinationType(.local): others.append("to this node")
      case .connectionState(let states, let negated) where states != .new || negated:
        others.append("\(negated ? "not " : "")\(states.description)")
      default: break
      }
    }
    let destination: String? =
      switch (address, port) {
      case (let address?, let port?): "\(address):\(port)\(transport)"
      case (let address?, nil): "\(address)"
      case (nil, let port?): "port \(port)\(transport)"
      case (nil, nil): nil
      }
    return ((destination.map { [$0] } ?? []) + others).joined(separator: ", ")
  }

  private static func bracketed(_ address: AddressMatch) -> String {
    guard case .host(let host) = address else { return address.text }
    return HostAndPort.bracketed(host.description)
  }

  static func masquerade(_ rule: Rule, in chain: ChainKey) -> String {
    if chain.name.prefix == .endpoint || rule.findsHairpins { return "itself" }
    for match in rule.matches {
      switch match {
      case .source(let address, negated: true): return "all but \(address.canonical.text)"
      case .inInterface(let pattern, negated: true): return "all but \(pattern)"
      case .sourceType(.local): return "this host"
      default: continue
      }
    }
    return "all"
  }

  /// What a Service's chain is for.
  static func role(of chain: ChainName, _ label: ServiceLabel) -> String {
    let port = label.port.isEmpty ? "" : " · port \(label.port)"
    return switch chain.prefix {
    case .external: "traffic from outside\(port)"
    case .firewall: "load-balancer source ranges\(port)"
    case .local: "endpoints on this node\(port)"
    case .cluster, .endpoint, nil: "endpoints\(port)"
    }
  }

  /// What the comment says besides the Service's name.
  static func verdictReason(_ rule: Rule, _ label: ServiceLabel) -> String {
    let comment = rule.comment ?? ""
    if comment.contains("traffic not accepted") { return "outside of the source ranges" }
    let rest = comment.replacing(label.description, with: "").split(separator: " ").joined(separator: " ")
    let port = label.port.isEmpty ? "" : "port \(label.port): "
    return port + (rest.hasPrefix("has ") ? String(rest.dropFirst(4)) : rest)
  }
}
