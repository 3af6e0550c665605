import IPTables
import ServiceModel

/// Conditions of other programs' rules. Only conditions that are common on Kubernetes nodes are understood.
struct ForeignMatch {
  private let words: [String]
  private let isNegated: Bool
  private let all: [String]

  init(_ words: [String]) {
    all = words
    isNegated = words.first == "!"
    self.words = isNegated ? Array(words.dropFirst()) : words
  }

  func truth(for evaluator: MatchEvaluator) -> MatchTruth {
    let isTrue = value(evaluator)
    return MatchTruth(isTrue.map { $0 != isNegated }, unless: .match(all))
  }

  private func value(_ evaluator: MatchEvaluator) -> Bool? {
    let packet = evaluator.state.packet
    switch words.first {
    case "-p":
      guard words.count == 2 || words.count == 4 && words[2] == "-m" else { return nil }
      return isProtocol(words[1], packet.transport)
    case "-o":
      guard words.count == 2 else { return nil }
      return outInterface(words[1], evaluator)
    case "-i":
      // Each packet of a hook with incoming packets has such an interface. Its name is not known.
      return words.count == 2 && words[1] == "+" ? true : nil
    case "--sport":
      guard words.count == 2, let ports = MatchText.ports(words[1]) else { return nil }
      return packet.sourcePort.map { ports.contains($0) }
    case "--dport":
      guard words.count == 2, let ports = MatchText.ports(words[1]) else { return nil }
      return ports.contains(packet.destination.port)
    case "--syn": return packet.transport == .tcp && packet.state.contains(.new)
    case "--tcp-flags":
      // The first packet of a TCP connection has SYN set and none of the other flags.
      guard words.count == 3, packet.state.contains(.new) else { return nil }
      return words[1].split(separator: ",").filter { $0 == "SYN" || $0 == "ALL" }.isEmpty
        ? words[2] == "NONE" : words[2] == "SYN"
    case "-m": return module(evaluator)
    default: return nil
    }
  }

  private func module(_ evaluator: MatchEvaluator) -> Bool? {
    guard words.count >= 2 else { return nil }
    let options = Array(words.dropFirst(2))
    switch words[1] {
    case "comment": return true
    case "tcp", "udp", "sctp": return options.isEmpty ? words[1] == evaluator.state.packet.transport.lowercased : nil
    case "multiport": return ports(options, evaluator.state.packet)
    case "addrtype": return addressTypes(options, evaluator)
    case "state":
      guard options.count == 2, options[0] == "--state" else { return nil }
      let states = options[1].split(separator: ",")
      return ConnectionStates.names.contains {
        evaluator.state.packet.state.contains($0.0) && states.contains(Substring($0.1))
      }
    default: return nil
    }
  }

  private func isProtocol(_ name: String, _ transport: TransportProtocol) -> Bool {
    name == transport.lowercased || name == "all" || name == "0" || name == String(transport.number)
  }

  private func outInterface(_ pattern: String, _ evaluator: MatchEvaluator) -> Bool? {
    let isPrefix = pattern.hasSuffix("+")
    guard let pattern = InterfacePattern(name: isPrefix ? String(pattern.dropLast()) : pattern, isPrefix: isPrefix)
    else { return isPrefix ? true : nil }
    if let name = evaluator.host.outInterface(to: evaluator.state.packet.destination.address) {
      return pattern.matches(name)
    }
    // The name of the interface is not known, but it is not lo.
    return pattern.name == "lo" && !pattern.isPrefix ? false : nil
  }

  private func ports(_ options: [String], _ packet: Packet) -> Bool? {
    var options = options[...]
    let isNegated = options.first == "!"
    if isNegated { options = options.dropFirst() }
    guard options.count == 2, let option = options.first, ["--dports", "--destination-ports"].contains(option),
      let list = options.last
    else { return nil }
    var isListed = false
    for text in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let ports = MatchText.ports(String(text)) else { return nil }
      if ports.contains(packet.destination.port) { isListed = true }
    }
    return isListed != isNegated
  }

  private func addressTypes(_ options: [String], _ evaluator: MatchEvaluator) -> Bool? {
    var result = true
    var index = 0
    while index < options.count {
      let isNegated = options[index] == "!"
      if isNegated { index += 1 }
      guard index + 1 < options.count, options[index + 1] == "LOCAL" else { return nil }
      let packet = evaluator.state.packet
      let isLocal: Bool
      switch options[index] {
      case "--src-type": isLocal = evaluator.host.isLocal(packet.source)
      case "--dst-type": isLocal = evaluator.host.isLocal(packet.destination.address)
      default: return nil
      }
      result = result && isLocal != isNegated
      index += 2
    }
    return result
  }
}
