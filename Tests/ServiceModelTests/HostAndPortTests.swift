import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct HostAndPortTests {
  @Test(arguments: [("10.10.1.5", "10.10.1.5:80"), ("fd00::5", "[fd00::5]:80")])
  func `an address with its port`(address: String, text: String) throws {
    let socket = SocketAddress(try #require(IPAddress(address)), port: 80)
    #expect(socket.description == text)
    #expect(SocketAddress(text) == socket)
  }

  @Test(arguments: [
    ("", "nothing"), ("10.0.0.1", "no port"), ("10.0.0.1:", "no port"), (":80", "no address"),
    ("[::1]", "no port"), ("::1:80", "no brackets"), ("[10.0.0.1]:80", "brackets without need"),
    ("[::1:80", "half a bracket"), ("::1]:80", "half a bracket"), ("10.0.0.1:65536", "too large"),
    ("10.0.0.1:+80", "a sign"), ("10.0.0.1:-0", "a sign"), ("10.0.0.1: 80", "a blank"), ("node:80", "a name"),
    ("10.0.0.1-10.0.0.2:80", "a range of addresses"), ("10.0.0.1:80-90", "a range of ports"), ("[", "a bracket"),
  ])
  func `not an address with a port`(text: String, reason: String) { #expect(SocketAddress(text) == nil, "\(reason)") }

  @Test(
    arguments: [
      ("example.org:443", "example.org", false, "443"),
      ("example.org", "example.org", false, nil), ("[fd00::1]", "fd00::1", true, nil),
      ("[fd00::1]:443", "fd00::1", true, "443"), ("fd00::1", "fd00:", false, "1"), (":x", "", false, "x"),
      ("[]:1", "", true, "1"), ("", "", false, nil),
    ] as [(String, String, Bool, String?)])
  func `a text is split into its parts`(text: String, host: String, hasBrackets: Bool, port: String?) {
    let parts = HostAndPort(text)
    #expect(parts.host == host)
    #expect(parts.hasBrackets == hasBrackets)
    #expect(parts.portText.map(String.init) == port)
  }

  @Test func `only hosts with colons get brackets`() {
    #expect(["node", "10.0.0.1", "fd00::1"].map(HostAndPort.bracketed) == ["node", "10.0.0.1", "[fd00::1]"])
  }
}
