import Foundation
import Lab
import ServiceModel
import Testing

/// Rules that somebody wrote with nft into iptables' own tables. iptables-nft-save prints nothing of such a table and
/// exits with status 0, or it ends in the middle of the table with status 3.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct UnprintableTableTests {
  /// A chain with a rule that iptables cannot show.
  struct Native: Sendable, CustomTestStringConvertible {
    let family: IPFamily
    let table: String
    let chain: String
    let hook: String
    /// Whether iptables-nft-save ends at the rule. It finds a set before it prints anything.
    var endsSave = false

    var testDescription: String { "\(familyName) \(table)\(endsSave ? ", which ends iptables-nft-save" : "")" }
    var familyName: String { family == .ipv4 ? "ip" : "ip6" }
    var blocks: String { family == .ipv4 ? "10.0.0.0/8, 192.0.2.0/24" : "fd00::/16, 2001:db8::/32" }

    var rule: String {
      endsSave
        ? "meta l4proto tcp counter packets 0 bytes 0 meta mark set 5"
        : "\(familyName) saddr { \(blocks) } \(familyName) daddr != { \(blocks) } ct state new counter accept"
    }

    var text: String {
      """
      table \(familyName) \(table) {
        chain \(chain) {
          type \(hook); policy accept;
          \(rule)
        }
      }

      """
    }

    static let all = IPFamily.allCases.flatMap { family in
      let natives = [
        Native(
          family: family, table: "nat", chain: "POSTROUTING", hook: "nat hook postrouting priority srcnat"),
        Native(family: family, table: "filter", chain: "INPUT", hook: "filter hook input priority filter"),
        Native(family: family, table: "mangle", chain: "FORWARD", hook: "filter hook forward priority mangle"),
      ]
      return natives
        + natives.map { native in
          var native = native
          native.endsSave = true
          return native
        }
    }
  }

  /// The number of jumps to each chain of the proxy, by the foreign chain that they are in.
  private func jumps(_ family: String, in namespace: NetworkNamespace) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for table in ["nat", "filter"] {
      var chain = ""
      for line in try await Command(["nft", "list", "table", family, table]).run(in: namespace).split(separator: "\n") {
        let words = line.split(whereSeparator: \.isWhitespace)
        if words.first == "chain" { chain = String(words[1]) }
        guard !chain.hasPrefix("KUBE-"), let jump = words.firstIndex(of: "jump"), jump + 1 < words.count else {
          continue
        }
        counts["\(table) \(chain) \(words[jump + 1])", default: 0] += 1
      }
    }
    return counts
  }

  @Test(arguments: Native.all)
  func `each jump is in an unprintable table once, the table is named, and --cleanup removes everything`(
    _ native: Native
  )
    async throws
  {
    try await Lab.with(KernelRulesTests.layout) { lab in
      let node = lab.node("worker-a")
      try await Command(["nft", "-f", "-"], input: native.text).run(in: node.namespace)
      for _ in 1...3 {
        let proxy = try await lab.start(KernelRulesTests.arguments(.nft), on: node)
        try await proxy.waitForSync(after: 0)
        #expect(await proxy.stop() == 0)
        let name = "table=\"\(native.familyName) \(native.table)\""
        #expect(proxy.lines.filter { $0.hasPrefix("W") && $0.contains(name) }.count == 1, "\(proxy.lines)")
      }
      let jumps = try await jumps(native.familyName, in: node.namespace)
      #expect(jumps.count == 14)
      #expect(jumps.filter { $0.value != 1 } == [:])
      let nat = try await Command(["nft", "list", "table", native.familyName, "nat"]).run(in: node.namespace)
      #expect(nat.contains("chain KUBE-SVC-"))

      let diff = try await Command(
        [Program.path, "diff", "--kernel"] + KernelRulesTests.arguments(.nft).dropFirst()
      ).result(in: node.namespace)
      #expect(diff.status == 2)
      #expect(diff.errors.contains("\(native.familyName) \(native.table)"), "\(diff.errors)")

      let cleanup = try await Command([Program.path, "--cleanup"]).result(in: node.namespace)
      #expect(cleanup.status == 0, "\(cleanup.errors)")
      let left = try await Command(["nft", "list", "ruleset"]).run(in: node.namespace)
      #expect(!left.contains("KUBE-"))
      #expect(left.contains("counter packets"), "the other's rule stays")
    }
  }

  @Test
  func `a jump that --cleanup cannot write as iptables arguments is named, and the status is 1`() async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in
      let node = lab.node("worker-a")
      let text = """
        table ip nat {
          chain KUBE-SERVICES { }
          chain PREROUTING {
            type nat hook prerouting priority dstnat; policy accept;
            ct state new jump KUBE-SERVICES
          }
        }

        """
      try await Command(["nft", "-f", "-"], input: text).run(in: node.namespace)
      let cleanup = try await Command([Program.path, "--cleanup"]).result(in: node.namespace)
      #expect(cleanup.status == 1)
      #expect(cleanup.errors.contains("nft IPv4 nat: KUBE-SERVICES"), "\(cleanup.errors)")
    }
  }

  @Test(arguments: IPFamily.allCases)
  func `Services work, also after a repair`(_ family: IPFamily) async throws {
    try await LiveNode.with { live in
      let native = try #require(Native.all.first { $0.family == family && $0.table == "nat" })
      try await Command(["nft", "-f", "-"], input: native.text).run(in: live.node.namespace)
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      #expect(try await live.ask(web, family).endpoint == "s1")
      let mark = daemon.mark
      let program = Backend.nft.iptables(family)
      try await Command([program, "-t", "nat", "-F", "KUBE-SERVICES"]).run(in: live.node.namespace)
      try await daemon.waitForSync([family], after: mark)
      #expect(try await live.ask(web, family).endpoint == "s1")
      let jumps = try await jumps(native.familyName, in: live.node.namespace)
      #expect(!jumps.isEmpty && jumps.values.allSatisfy { $0 == 1 })
    }
  }
}
