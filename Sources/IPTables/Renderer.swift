import ServiceModel

/// Writes rules as iptables-restore input, word for word as kube-proxy does. No other code spells rules.
package struct Renderer: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Empties the buffer and returns what was in it. The buffer's capacity stays the same.
  package mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// `*nat`
  package mutating func begin(_ table: Table) {
    bytes.append(UInt8(ascii: "*"))
    word(table.rawValue)
    newline()
  }

  /// `COMMIT`
  package mutating func commit() {
    word("COMMIT")
    newline()
  }

  /// `:KUBE-SERVICES - [0:0]`: creates the chain, or empties it.
  package mutating func declare(_ chain: ChainName) {
    bytes.append(UInt8(ascii: ":"))
    chain.write(to: &bytes)
    word(" - [0:0]")
    newline()
  }

  /// `-A CHAIN …`
  package mutating func append(_ rule: Rule, to chain: ChainName) { line("-A ", chain, "", rule) }

  /// `-I CHAIN …`: inserts the rule before all other rules, or `-I CHAIN 2 …`: at this place, counted from 1.
  package mutating func insert(_ rule: Rule, into chain: ChainName, at place: Int) {
    line("-I ", chain, place == 1 ? "" : " \(place)", rule)
  }

  /// `-D CHAIN …`: deletes the first rule that is equal.
  package mutating func remove(_ rule: Rule, from chain: ChainName) { line("-D ", chain, "", rule) }

  /// `-X CHAIN`: deletes a chain that is empty and that no rule refers to.
  package mutating func delete(_ chain: ChainName) {
    word("-X ")
    chain.write(to: &bytes)
    newline()
  }

  private mutating func line(_ verb: String, _ chain: ChainName, _ place: String, _ rule: Rule) {
    word(verb)
    chain.write(to: &bytes)
    word(place)
    render(rule)
    newline()
  }

  /// The words of a rule, each with a space before it.
  mutating func render(_ rule: Rule) {
    for match in rule.matches {
      if case .other(let words) = match { render(words, of: rule) } else { render(match) }
    }
    if case .other(let words) = rule.target {
      word(" -j")
      render(words, of: rule)
    } else if let target = rule.target {
      render(target)
    }
  }

  private mutating func word(_ text: String) { bytes.append(contentsOf: text.utf8) }
  private mutating func newline() { bytes.append(0x0a) }
}

extension Renderer {
  private mutating func render(_ match: Match) {
    switch match {
    case .comment(let comment):
      word(" -m comment --comment ")
      word(comment.needsQuotes ? "\"\(comment.text)\"" : comment.text)
    case .transport(let transport):
      word(" -m ")
      word(transport.lowercased)
      word(" -p ")
      word(transport.lowercased)
    case .protocolAlone(let transport):
      word(" -p ")
      word(transport.lowercased)
    case .source(let address, let negated): render(" -s ", address, negated)
    case .destination(let address, let negated): render(" -d ", address, negated)
    case .destinationPort(let ports):
      word(" --dport ")
      word(ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound):\(ports.upperBound)")
    case .inInterface(let pattern, let negated):
      word(negated ? " ! -i " : " -i ")
      word(pattern.description)
    case .sourceType(let type): word(" -m addrtype --src-type \(type.rawValue)")
    case .destinationType(let type): word(" -m addrtype --dst-type \(type.rawValue)")
    case .connectionState(let states, let negated):
      word(" -m conntrack \(negated ? "! " : "")--ctstate \(states.description)")
    case .mark(let value, let mask, let negated):
      word(" -m mark \(negated ? "! " : "")--mark \(hex(value))/\(hex(mask))")
    case .statistic(let probability): word(" -m statistic --mode random --probability \(probability.text)")
    case .recentCheck(let name, let seconds):
      word(" -m recent --name \(name) --rcheck --seconds \(seconds) --reap")
    case .recentSet(let name): word(" -m recent --name \(name) --set")
    case .accounting(let name): word(" -m nfacct --nfacct-name \(name)")
    case .sameAddresses(let family): word(" -m bpf --bytecode \"\(SameAddresses.program(family))\"")
    // `render(_:of:)` writes these.
    case .other: break
    }
  }

  private mutating func render(_ target: Target) {
    switch target {
    case .jump(let chain):
      word(" -j ")
      chain.write(to: &bytes)
    case .goTo(let chain):
      word(" -g ")
      chain.write(to: &bytes)
    case .accept: word(" -j ACCEPT")
    case .drop: word(" -j DROP")
    case .reject: word(" -j REJECT")
    case .return: word(" -j RETURN")
    case .masquerade(let randomFully): word(randomFully ? " -j MASQUERADE --random-fully" : " -j MASQUERADE")
    case .setMark(let bits): word(" -j MARK --or-mark \(hex(bits))")
    case .flipMark(let bits): word(" -j MARK --xor-mark \(hex(bits))")
    case .destinationNAT(let address): word(" -j DNAT --to-destination \(address)")
    // `render(_:of:)` writes these.
    case .other: break
    }
  }

  private mutating func render(_ flag: String, _ address: AddressMatch, _ negated: Bool) {
    if negated { word(" !") }
    word(flag)
    switch address {
    case .host(let host): word(host.description)
    case .network(let cidr): word(cidr.description)
    }
  }

  /// Words of a foreign rule.
  private mutating func render(_ words: [String], of rule: Rule) {
    let ambiguous = RestoreWords.areAmbiguous(words, hasTransport: rule.hasTransport)
    for (text, isAmbiguous) in zip(words, ambiguous) {
      word(" ")
      let escaped = text.escaping("\\", "\"")
      word(isAmbiguous || escaped != text || !RestoreWords.isPlain(text.utf8) ? "\"\(escaped)\"" : text)
    }
  }

  /// Eight digits, as kube-proxy writes marks.
  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}

extension Rule {
  /// Whether the rule has the options of a transport protocol, such as `--dport`.
  fileprivate var hasTransport: Bool {
    matches.contains { match in
      switch match {
      case .transport, .protocolAlone: true
      case .other(let words):
        (words.contains("-p") || words.first == "-m" && words.count == 2)
          && words.last.flatMap(TransportProtocolText.byName) != nil
      default: false
      }
    }
  }
}

extension Rule: CustomStringConvertible {
  /// The rule as text, without its chain.
  package var description: String {
    var renderer = Renderer()
    renderer.render(self)
    return String(decoding: renderer.take().dropFirst(), as: UTF8.self)
  }
}
