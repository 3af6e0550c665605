import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct CIDRTests {
  @Test(arguments: [
    ("10.10.1.5/16", "10.10.0.0/16", "host bits are cleared"), ("0.0.0.0/0", "0.0.0.0/0", "everything"),
    ("255.255.255.255/0", "0.0.0.0/0", "everything, with host bits"), ("10.0.0.1/32", "10.0.0.1/32", "one address"),
    ("10.10.1.255/31", "10.10.1.254/31", "two addresses"), ("::/0", "::/0", "everything of IPv6"),
    ("fd00:10:10:1::5/48", "fd00:10:10::/48", "host bits of IPv6"), ("fd00::5/128", "fd00::5/128", "one of IPv6"),
    ("ffff::/1", "8000::/1", "one bit"), ("10.0.0.0/08", "10.0.0.0/8", "a leading zero in the length"),
    ("::ffff:192.0.2.9/120", "192.0.2.0/24", "IPv4 in IPv6"), ("::ffff:0:0/96", "0.0.0.0/0", "all of IPv4 in IPv6"),
  ])
  func `is read and written back with host bits clear`(text: String, canonical: String, reason: String) throws {
    let cidr = try #require(CIDR(text), "\(reason)")
    #expect(cidr.description == canonical)
  }

  @Test(arguments: [
    ("10.10.0.0", "no length"), ("10.10.0.0/", "empty length"), ("/16", "no address"), ("10.10.0.0/33", "too long"),
    ("fd00::/129", "too long for IPv6"), ("10.10.0.0/-1", "negative"), ("10.10.0.0/+8", "sign"),
    ("10.10.0.0/8/8", "twice"), ("::ffff:192.0.2.0/24", "half of it IPv4"),
    ("10.10.0.0/8 ", "space"), ("10.10.0.0/0008", "four digits"), ("10.10.0.0/255.0.0.0", "a mask"), ("", "empty"),
    ("10.10.0.0/٨", "a digit of another script"), ("10.10.00.0/16", "leading zero"), ("0.0.0.0/0 -j ACCEPT", "words"),
  ])
  func `is refused`(text: String, reason: String) {
    #expect(CIDR(text) == nil, "\(reason)")
  }

  @Test(arguments: [
    ("10.10.0.0/16", "10.10.0.0", true, "first"), ("10.10.0.0/16", "10.10.255.255", true, "last"),
    ("10.10.0.0/16", "10.11.0.0", false, "behind"), ("10.10.0.0/16", "10.9.255.255", false, "in front"),
    ("0.0.0.0/0", "203.0.113.1", true, "all"), ("0.0.0.0/0", "fd00::1", false, "all, but of one family"),
    ("::/0", "10.0.0.1", false, "all, but of the other"),
    ("fd00:10:10::/48", "fd00:10:10:ffff::1", true, "IPv6 inside"),
    ("fd00:10:10::/48", "fd00:10:11::", false, "IPv6 outside"), ("::1/128", "::1", true, "itself"),
  ])
  func `contains`(cidr: String, address: String, expected: Bool, reason: String) throws {
    let address = try #require(IPAddress(address))
    #expect(try #require(CIDR(cidr)).contains(address) == expected, "\(reason)")
  }

  @Test func `only a block of one address is a host`() throws {
    let address = try #require(IPAddress("10.10.1.5"))
    #expect(CIDR(host: address).isHost)
    #expect(CIDR("10.10.1.5/32") == CIDR(host: address))
    #expect(CIDR("10.10.1.5/31")?.isHost == false)
    #expect(CIDR("fd00::/32")?.isHost == false)
    #expect(CIDR(address, prefixLength: 33) == nil)
    #expect(CIDR(address, prefixLength: -1) == nil)
  }

  @Test func `blocks are ordered by address, the wider first`() {
    let sorted = ["10.0.0.0/16", "fd00::/8", "9.0.0.0/8", "10.0.0.0/8"].compactMap { CIDR($0) }.sorted()
    #expect(sorted.map(\.description) == ["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/16", "fd00::/8"])
  }
}
