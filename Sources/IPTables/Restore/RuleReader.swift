/// Reads a rule from the words of its line.
struct RuleReader: Sendable {
  var words = RestoreWords()
  var index = 0
  private var matches: [Match] = []
  private var target: Target?
  /// The words of the rule that was read last, and those among them that say its target.
  private var ruleWords = 0..<0
  private var targetWords = 0..<0
  /// The protocol of `-p`, the place of its match, and the match module that the line named or used.
  private var transport: TransportWords?
  /// The module that the line named last. Its options may come after the counters or the chain of `-g`, which are not
  /// kept at their place.
  private var lastModule: ModuleWords?

  private struct ModuleWords {
    let name: String
    let words: [String]
    /// The places of its matches.
    let start: Int
    let end: Int
  }

  /// What the line has said about the transport protocol so far.
  private struct TransportWords {
    var name: String
    var place: Int
    /// The name after `-m`, or the protocol if a port was used without `-m`.
    var module: String?
    var isGiven = false
    var isNegated = false
  }

  mutating func start() { index = 0 }

  var isAtEnd: Bool { index >= words.count }

  /// The next word; throws if there is none.
  mutating func next() throws(RestoreSyntaxError.Reason) -> String {
    guard !isAtEnd else { throw .missingWord(after: index > 0 ? words[index - 1] : "") }
    defer { index += 1 }
    return words[index]
  }

  mutating func nextChain(after verb: String) throws(RestoreSyntaxError.Reason) -> ChainName {
    guard !isAtEnd else { throw .missingWord(after: verb) }
    defer { index += 1 }
    return try words.chain(index)
  }

  mutating func nextNumber() -> Int? {
    guard !isAtEnd, let number = Int(words[index]) else { return nil }
    index += 1
    return number
  }

  /// `[packets:bytes]` in front of a command.
  mutating func leadingCounters() throws(RestoreSyntaxError.Reason) -> Counters? {
    guard words.utf8(0).first == UInt8(ascii: "[") else { return nil }
    index += 1
    return try counters(0)
  }

  func counters(_ index: Int) throws(RestoreSyntaxError.Reason) -> Counters {
    let text = words[index]
    let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
    guard text.hasPrefix("["), text.hasSuffix("]"), parts.count == 2, let packets = UInt64(parts[0]),
      let bytes = UInt64(parts[1])
    else { throw .badCounters(text) }
    return Counters(packets: packets, bytes: bytes)
  }

  /// The rule in the remaining words.
  mutating func rule() throws(RestoreSyntaxError.Reason) -> Rule {
    matches.removeAll(keepingCapacity: true)
    target = nil
    transport = nil
    lastModule = nil
    ruleWords = index..<words.count
    targetWords = words.count..<words.count
    while !isAtEnd {
      let isNegated = words.isNegation(index)
      if isNegated { index += 1 }
      try option(try next(), isNegated: isNegated)
    }
    finishTransport()
    return Rule(Array(matches), target)
  }

  /// The rule that was read last, with its conditions word for word and in their order.
  func ruleAsWritten() -> Rule {
    var conditions: [[String]] = []
    for index in ruleWords where !targetWords.contains(index) {
      if conditions.isEmpty || startsCondition(index) { conditions.append([]) }
      conditions[conditions.count - 1].append(words[index])
    }
    return Rule(conditions.map(Match.other), target)
  }

  /// Whether the word is an option of one letter, or the negation in front of one.
  private func startsCondition(_ index: Int) -> Bool {
    if words.isTextOption(index - 1) { return false }
    if words.isNegation(index) { return index + 1 < words.count && words.isShortOption(index + 1) }
    return words.isShortOption(index) && !words.isNegation(index - 1)
  }

  private mutating func option(_ option: String, isNegated: Bool) throws(RestoreSyntaxError.Reason) {
    switch option {
    case "-m": try module(try next())
    case "-j":
      let start = index - 1
      try jump(try next())
      targetWords = start..<index
    case "-g":
      target = .goTo(try nextChain(after: option))
      targetWords = index - 2..<index
    case "-s", "--source": matches.append(MatchText.source(try next(), isNegated))
    case "-d", "--destination": matches.append(MatchText.destination(try next(), isNegated))
    case "-i": matches.append(MatchText.inInterface(try next(), isNegated))
    case "-p": try transportProtocol(try next(), isNegated)
    case "-c":
      _ = try next()
      _ = try next()
    case "--dport" where !isOfLastModule(option), "--destination-port" where !isOfLastModule(option):
      try port(try next(), isNegated)
    case "-o": matches.append(.other((isNegated ? ["!"] : []) + [option, try next()]))
    default:
      guard option.hasPrefix("-") else { throw .unexpectedWord(option) }
      let isOption = words.isShortOption(index - 1) || words.isLongOption(index - 1)
      let start = (isNegated ? ["!"] : []) + [option]
      if let module = lastModule, isOfLastModule(option) {
        matches.removeSubrange(module.start...)
        add(module.name, module.words + start + (try arguments(inModule: true)))
      } else if isOption {
        matches.append(.other(start + (try arguments())))
      } else {
        // iptables does not know such a word either.
        throw .unexpectedWord(option)
      }
    }
  }

  private var hasTransport: Bool {
    transport.map { TransportProtocolText.byName($0.module ?? $0.name) != nil } ?? false
  }

  /// Whether the option belongs to the module in front of it, because the protocol does not have it.
  private func isOfLastModule(_ option: String) -> Bool {
    lastModule?.end == matches.count && !(hasTransport && RestoreWords.transportOptions.contains(option))
  }

  /// The words up to the next option of one letter, or up to any option if `inModule` is false.
  private mutating func arguments(inModule: Bool = false) throws(RestoreSyntaxError.Reason) -> [String] {
    var result: [String] = []
    let hasTransport = hasTransport
    while !isAtEnd, !words.isShortOption(index) {
      if hasTransport && words.isTransportOption(index) { break }
      if !inModule && words.isLongOption(index) { break }
      if words.isNegation(index), index + 1 < words.count {
        if words.isShortOption(index + 1) || (hasTransport && words.isTransportOption(index + 1)) { break }
        if !inModule && words.isLongOption(index + 1) { break }
      }
      let isText = words.isTextOption(index)
      result.append(words[index])
      index += 1
      if isText { result.append(try next()) }
    }
    return result
  }

  private mutating func module(_ name: String) throws(RestoreSyntaxError.Reason) {
    // The options of one protocol are known. iptables refuses a second one.
    if TransportProtocolText.byName(name) != nil, transport?.module ?? name == name {
      if transport == nil { openTransport(name) }
      transport?.module = name
      // Options that this program does not know stay with their module.
      let others = try arguments(inModule: true)
      if !others.isEmpty { add(name, others) }
      return
    }
    add(name, try arguments(inModule: true))
  }

  private mutating func add(_ module: String, _ words: [String]) {
    let start = matches.count
    if let known = MatchText.module(module, words) {
      matches += known
    } else {
      matches.append(.other(["-m", module] + words))
    }
    lastModule = ModuleWords(name: module, words: words, start: start, end: matches.count)
  }

  private mutating func jump(_ name: String) throws(RestoreSyntaxError.Reason) {
    target = TargetText.target(name, try arguments(inModule: true))
  }

  private mutating func openTransport(_ name: String) {
    transport = TransportWords(name: name, place: matches.count)
    matches.append(.other([]))
  }

  private mutating func transportProtocol(_ name: String, _ isNegated: Bool) throws(RestoreSyntaxError.Reason) {
    // iptables also refuses a second `-p`.
    if transport?.isGiven == true { throw .unexpectedWord("-p") }
    if transport == nil { openTransport(name) }
    transport?.name = name
    transport?.isGiven = true
    transport?.isNegated = isNegated
  }

  private mutating func port(_ text: String, _ isNegated: Bool) throws(RestoreSyntaxError.Reason) {
    // iptables uses the module of a known protocol without `-m`.
    if let name = transport?.name, transport?.module == nil, TransportProtocolText.byName(name) != nil {
      transport?.module = name
    }
    if !isNegated, let range = MatchText.ports(text) {
      matches.append(.destinationPort(range))
    } else {
      matches.append(.other((isNegated ? ["!"] : []) + ["--dport", text]))
    }
  }

  /// Puts the protocol at the place where the line first mentioned it.
  private mutating func finishTransport() {
    guard let transport else { return }
    let isOwnModule = transport.module == nil || transport.module == transport.name
    if transport.isGiven, !transport.isNegated, isOwnModule, let known = TransportProtocolText.byName(transport.name) {
      matches[transport.place] = transport.module == nil ? .protocolAlone(known) : .transport(known)
      return
    }
    var words = transport.isGiven ? (transport.isNegated ? ["!"] : []) + ["-p", transport.name] : []
    if let module = transport.module { words += ["-m", module] }
    matches[transport.place] = .other(words)
  }
}
