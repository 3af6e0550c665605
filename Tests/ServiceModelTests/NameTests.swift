import ServiceModel
import Testing

/// Names decide on chain names and stand in comments: none may hold what ends a word or a line there.
@Suite(.timeLimit(.minutes(5))) struct NameTests {
  /// What must never pass any of the checks.
  static let hostile = [
    "", " ", "a b", "a\tb", "a\nb", "a\rb", "a\0b", "a\"b", "a'b", "a\\b", "a`b", "a$b", "a;b", "a|b", "a/b", "a#b",
    "-j", "--comment", "a-", "web\n-A INPUT -j ACCEPT", "web\" -j ACCEPT", "ünïcode", "веб", "网", "a\u{200b}b",
    "a\u{2028}b", "e\u{301}", "A", "Web", "a_b", "a!b", "a,b", "a:b", "a@b", "*",
  ]

  @Test(arguments: hostile) func `hostile names are refused`(_ text: String) {
    #expect(!NameRule.isLabel(text))
    #expect(!NameRule.isSubdomain(text))
    #expect(NamespacedName(namespace: text, name: "web") == nil)
    #expect(NamespacedName(namespace: "default", name: text) == nil)
    let service = NamespacedName(namespace: "default", name: "web")!
    let port = ServicePortName(service: service, port: text, transport: .tcp)
    #expect(text.isEmpty ? port != nil : port == nil, "only the empty port name has a meaning")
  }

  @Test(arguments: [
    ("a", true, "one letter"), ("0", true, "a digit"), ("a-b", true, "a dash inside"), ("a--b", true, "two dashes"),
    ("kube-dns", true, "usual"), (String(repeating: "x", count: 63), true, "63 bytes"),
    (String(repeating: "x", count: 64), false, "64 bytes"), ("a.b", false, "a dot"), ("-a", false, "a dash in front"),
  ])
  func `label`(text: String, expected: Bool, reason: String) {
    #expect(NameRule.isLabel(text) == expected, "\(reason)")
  }

  @Test(arguments: [
    ("a.b", true, "two labels"), ("1.2.3", true, "digits"), (".a", false, "empty label in front"),
    ("a.", false, "empty label behind"), ("a..b", false, "empty label inside"),
    ("a.-b", false, "a label with a dash first"),
    ("a-.b", false, "a label with a dash last"), (String(repeating: "x.", count: 126) + "x", true, "253 bytes"),
    (String(repeating: "x.", count: 126) + "xy", false, "254 bytes"),
    (String(repeating: "x", count: 253), true, "one part of 253 bytes, as the API server allows"),
  ])
  func `subdomain`(text: String, expected: Bool, reason: String) {
    #expect(NameRule.isSubdomain(text) == expected, "\(reason)")
  }

  @Test(arguments: [
    ("eth0", true, "usual"), ("cali1234567890a", true, "15 bytes"), ("cali1234567890ab", false, "16 bytes"),
    ("eth0.100", true, "VLAN"), ("eth0:1", true, "alias"), ("veth1@if2", true, "as ip prints it"), ("", false, "empty"),
    (".", false, "a dot alone"), ("..", false, "two dots"), ("-i", false, "an option"), ("eth 0", false, "space"),
    ("eth+", false, "iptables' wildcard"), ("eth\n", false, "line end"), ("éth0", false, "another alphabet"),
    ("a/b", false, "a path"), ("a!b", false, "negation"), ("\"", false, "quote"),
  ])
  func `interface`(text: String, expected: Bool, reason: String) {
    #expect(NameRule.isInterface(text) == expected, "\(reason)")
  }

  @Test func `names are written as kubectl writes them`() throws {
    let name = try #require(NamespacedName(namespace: "kube-system", name: "kube-dns"))
    #expect(name.description == "kube-system/kube-dns")
    #expect(ServicePortName(service: name, port: "dns", transport: .udp)?.description == "kube-system/kube-dns:dns")
    #expect(ServicePortName(service: name, port: "", transport: .udp)?.description == "kube-system/kube-dns")
  }

  @Test func `names are ordered by namespace, name, port and protocol`() throws {
    func port(_ namespace: String, _ name: String, _ port: String, _ transport: TransportProtocol) throws
      -> ServicePortName
    {
      let service = try #require(NamespacedName(namespace: namespace, name: name))
      return try #require(ServicePortName(service: service, port: port, transport: transport))
    }
    let ordered = [
      try port("a", "a", "", .tcp), try port("a", "a", "", .udp), try port("a", "a", "", .sctp),
      try port("a", "a", "a", .tcp), try port("a", "b", "", .tcp), try port("a-b", "a", "", .tcp),
      try port("b", "a", "", .tcp),
    ]
    #expect(ordered.reversed().sorted() == ordered)
  }
}
