import IPTables
import ServiceModel

/// iptables-save output and iptables-restore input.
extension FuzzReader {
  package static let restore = FuzzReader("restore", words: restoreWords) { (bytes) throws(Finding) in
    switch read(bytes) {
    case .success(let rules):
      let hasRefused = Table.allCases.contains {
        rules.chains(of: $0).contains { $0.rules.contains(where: \.isRefused) }
      }
      if hasRefused { return }
      let text = render(rules)
      switch read(text) {
      case .success(let again): try compare(rules, again)
      case .failure(let error): throw Finding("written rules cannot be read: \(error)")
      }
    case .failure(let error):
      try require((1...bytes.count + 1).contains(error.line), "line \(error.line) does not exist")
      try checkMessage(error.description)
    }
  }

  private static func read(_ text: [UInt8]) -> Result<RuleSet, RestoreSyntaxError> {
    Result { () throws(RestoreSyntaxError) in try RuleSet(family: .ipv4, restoring: text.span) }
  }

  private static func render(_ rules: RuleSet) -> [UInt8] {
    var renderer = Renderer()
    for table in Table.allCases where rules.tables[table] != nil {
      renderer.begin(table)
      let chains = rules.chains(of: table)
      for chain in chains { renderer.declare(chain.name) }
      for chain in chains { for rule in chain.rules { renderer.append(rule, to: chain.name) } }
      renderer.commit()
    }
    return renderer.take()
  }

  private static func compare(_ rules: RuleSet, _ again: RuleSet) throws(Finding) {
    for table in Table.allCases {
      let (before, after) = (rules.chains(of: table), again.chains(of: table))
      try require(
        before.map(\.name) == after.map(\.name), "chains change when they are written: \(before) and \(after)")
      for (before, after) in zip(before, after) {
        let (old, new) = (before.rules.map(\.canonical), after.rules.map(\.canonical))
        try require(old.count == new.count, "\(before.name) has another number of rules when it is written")
        for (old, new) in zip(old, new) where old != new {
          throw Finding("\(old.debugText) becomes \(new.debugText)")
        }
      }
    }
  }

  private static let restoreWords = [
    "*nat\n", "*filter\n", "*mangle\n", "*raw\n", "COMMIT\n", ":INPUT ACCEPT [0:0]\n", ":KUBE-SERVICES - [0:0]\n",
    "\n-A ",
    "\n-I ", "\n-D ", "\n-F ", "\n-X ", "\n-N ", "[1:60] ", " -j ", " -g ", " -s ", " -d ", " -i ", " -o ", " -p tcp",
    " -p udp",
    " -m tcp", " --dport ", " --sport ", " -m comment --comment ", " -m statistic --mode random --probability 0.5",
    " -m mark --mark 0x4000/0x4000", " -m conntrack --ctstate NEW,DNAT", " -m addrtype --dst-type LOCAL",
    " -m recent --name A --rcheck --seconds 10 --reap", " --set", " --rsource", " --mask 255.255.255.255",
    " -m nfacct --nfacct-name ", " -m bpf --bytecode ", "ACCEPT", "DROP", "RETURN",
    "REJECT --reject-with icmp-port-unreachable",
    "MASQUERADE --random-fully", "MARK --or-mark 0x4000", "MARK --set-xmark 0x4000/0x0",
    "DNAT --to-destination 10.0.0.1:80",
    "[fd00::1]:53", "KUBE-SVC-XRY76EGRC3BSCIIJ", "KUBE-SEP-", " ! ", " -c 1 2", "\"", "\\\"", "10.0.0.0/8", "fd00::/64",
    "0x",
    "80:90", "eth+",
  ]
}

extension Rule {
  /// Whether the rule has what iptables refuses: an option of no module, such as `--x` in `-p tcp --x`, or the module
  /// of one protocol with another. It is written in another order than it was read, and so can be read as another
  /// module's.
  fileprivate var isRefused: Bool {
    matches.contains { match in
      guard case .other(let words) = match else { return false }
      let option = words.first { $0 != "!" } ?? ""
      return option.utf8.count != 2 || (option == "-p" && words.contains("-m"))
    }
  }

  fileprivate var debugText: String { "\(description.debugDescription) \(matches) \(target.map { "\($0)" } ?? "")" }
}
