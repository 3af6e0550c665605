import ServiceModel

/// Makes matches from words. An unknown option becomes `.other`, and an unknown module gives nil.
package enum MatchText {
  static func source(_ text: String, _ isNegated: Bool) -> Match {
    guard let address = address(text) else { return other("-s", text, isNegated) }
    return .source(address, negated: isNegated)
  }

  static func destination(_ text: String, _ isNegated: Bool) -> Match {
    guard let address = address(text) else { return other("-d", text, isNegated) }
    return .destination(address, negated: isNegated)
  }

  static func inInterface(_ text: String, _ isNegated: Bool) -> Match {
    let isPrefix = text.utf8.last == UInt8(ascii: "+")
    guard let pattern = InterfacePattern(name: isPrefix ? String(text.dropLast()) : text, isPrefix: isPrefix) else {
      return other("-i", text, isNegated)
    }
    return .inInterface(pattern, negated: isNegated)
  }

  package static func ports(_ text: String) -> ClosedRange<UInt16>? {
    if let port = UInt16(text) { return port...port }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = UInt16(parts[0]), let last = UInt16(parts[1]), first <= last else { return nil }
    return first...last
  }

  private static func address(_ text: String) -> AddressMatch? {
    if let host = IPAddress(text) { return .host(host) }
    return CIDR(text).map(AddressMatch.network)
  }

  private static func other(_ option: String, _ text: String, _ isNegated: Bool) -> Match {
    .other((isNegated ? ["!"] : []) + [option, text])
  }

  /// The matches of `-m name` with these words; nil if a part of it is not known.
  static func module(_ name: String, _ words: [String]) -> [Match]? {
    switch name {
    case "comment":
      guard words.count == 2, words[0] == "--comment", let comment = Comment(words[1]) else { return nil }
      return [.comment(comment)]
    case "statistic":
      guard words.count == 4, words[0] == "--mode", words[1] == "random", words[2] == "--probability",
        let probability = Probability(text: words[3])
      else { return nil }
      return [.statistic(probability)]
    case "mark": return mark(words)
    case "conntrack": return connectionState(words)
    case "addrtype":
      guard words.count == 2, let type = AddressType(rawValue: words[1]) else { return nil }
      if words[0] == "--src-type" { return [.sourceType(type)] }
      return words[0] == "--dst-type" ? [.destinationType(type)] : nil
    case "recent": return recent(words)
    case "nfacct":
      guard words.count == 2, words[0] == "--nfacct-name", RestoreWords.isPlain(words[1].utf8) else { return nil }
      return [.accounting(name: words[1])]
    case "bpf":
      guard words.count == 2, words[0] == "--bytecode" else { return nil }
      return SameAddresses.family(of: words[1]).map { [.sameAddresses($0)] }
    default: return nil
    }
  }

  private static func mark(_ words: [String]) -> [Match]? {
    let isNegated = words.first == "!"
    let rest = words.dropFirst(isNegated ? 1 : 0)
    guard rest.count == 2, rest.first == "--mark", let text = rest.last, let mark = MarkText(text) else { return nil }
    return [.mark(mark.value, mask: mark.mask, negated: isNegated)]
  }

  private static func connectionState(_ words: [String]) -> [Match]? {
    let isNegated = words.first == "!"
    let rest = words.dropFirst(isNegated ? 1 : 0)
    guard rest.count == 2, rest.first == "--ctstate", let text = rest.last else { return nil }
    var states: ConnectionStates = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let state = ConnectionStates.names.first(where: { $0.1 == name }) else { return nil }
      states.insert(state.0)
    }
    return [.connectionState(states, negated: isNegated)]
  }

  private static func recent(_ words: [String]) -> [Match]? {
    guard let options = RecentOptions(words), let name = options.name else { return nil }
    switch options {
    case RecentOptions(set: true, name: name): return [.recentSet(name: name)]
    default:
      guard let seconds = options.seconds,
        options == RecentOptions(rcheck: true, reap: true, seconds: seconds, name: name)
      else { return nil }
      return [.recentCheck(name: name, seconds: seconds)]
    }
  }
}
