import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct AddressTests {
  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0", "lowest"), ("255.255.255.255", "255.255.255.255", "highest"),
    ("10.10.1.5", "10.10.1.5", "usual"), ("::", "::", "all zeros"), ("::1", "::1", "zeros in front"),
    ("fd00::", "fd00::", "zeros behind"), ("FD00:10:10::ABCD", "fd00:10:10::abcd", "lower case"),
    ("2001:0db8:0000:0001:0000:0000:0000:0001", "2001:db8:0:1::1", "no leading zeros; the longest run"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "the first of equal runs"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "a single zero group stays"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "a single zero group is written out"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "nothing to shorten"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "one group cut off behind"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", "one group cut off in front"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221", "the last 32 bits as a dotted quad"),
    ("::ffff:192.0.2.1", "192.0.2.1", "mapped, dotted"), ("::FFFF:c000:0201", "192.0.2.1", "mapped, hexadecimal"),
    ("::192.0.2.1", "::c000:201", "compatible is not mapped"),
    ("1:2:3:4:5:6:255.255.255.255", "1:2:3:4:5:6:ffff:ffff", "six groups and a dotted quad"),
  ])
  func `is read and written back in canonical form`(text: String, canonical: String, reason: String) throws {
    let address = try #require(IPAddress(text), "\(reason)")
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
  }

  @Test(arguments: [
    ("", "empty"), ("10.10.1", "three octets"), ("10.10.1.5.6", "five octets"), ("10.10.1.256", "octet too large"),
    ("10.10.01.5", "a leading zero, octal to some"), ("010.10.1.5", "a leading zero in front"),
    ("00.0.0.0", "two zeros"),
    ("10.10..5", "empty octet"), ("10.10.1.5 ", "space behind"), (" 10.10.1.5", "space in front"),
    ("10.10.1.-5", "sign"), ("+10.10.1.5", "plus sign"), ("10.10.1.0x5", "hexadecimal octet"),
    ("10.10.1.5/32", "a CIDR"),
    ("10.10.1.5\n", "line end"), ("١٠.١٠.١.٥", "digits of another script"), ("1٢.1.1.1", "one such digit"),
    (":", "one colon"), (":::", "three colons"), ("1::2::3", "two gaps"), ("1:2:3:4:5:6:7", "seven groups"),
    ("1:2:3:4:5:6:7:8:9", "nine groups"), ("1:2:3:4:5:6:7:8::", "a gap of nothing"),
    ("::1:2:3:4:5:6:7:8", "nine with a gap"),
    (":1:2:3:4:5:6:7:8", "colon in front"), ("1:2:3:4:5:6:7:8:", "colon behind"), ("12345::", "five digits"),
    ("g::", "no hexadecimal digit"), ("fe80::1%eth0", "a zone"), ("[::1]", "brackets"),
    ("::1.2.3", "three octets behind"),
    ("::1.2.3.4:5", "dotted quad not last"), ("1.2.3.4::", "dotted quad in front"),
    ("::01.2.3.4", "leading zero behind"),
    ("1:2:3:4:5:6:7:1.2.3.4", "a group too many before the quad"), ("localhost", "a name"),
    ("-j ACCEPT", "words of a rule"),
    (String(repeating: "0", count: 4000) + "::1", "very long"),
  ])
  func `is refused`(text: String, reason: String) {
    #expect(IPAddress(text) == nil, "\(reason)")
  }

  @Test func `every address survives writing and reading`() throws {
    var bits: UInt128 = 0x9e37_79b9_7f4a_7c15
    for round in 0..<2000 {
      bits = bits &* 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645 &+ 0x5851_f42d_4c95_7f2d
      // Groups of zeros are what the canonical form is about.
      var value = bits
      for group in 0..<8 where bits >> UInt128(100 + group) & 1 == 0 { value &= ~(0xffff << UInt128(16 * group)) }
      let address = IPAddress(family: round % 4 == 0 ? .ipv4 : .ipv6, bits: value)
      if address.family == .ipv6 && address.bits >> 32 == 0xffff { continue }
      #expect(IPAddress(address.description) == address)
    }
  }

  @Test(arguments: [
    ("127.0.0.1", true, false, false, false), ("127.255.255.255", true, false, false, false),
    ("128.0.0.0", false, false, false, false), ("::1", true, false, false, false), ("::2", false, false, false, false),
    ("169.254.0.1", false, true, false, false), ("169.255.0.1", false, false, false, false),
    ("fe80::1", false, true, false, false), ("febf::1", false, true, false, false),
    ("fec0::1", false, false, false, false),
    ("224.0.0.1", false, false, true, false), ("239.255.255.255", false, false, true, false),
    ("240.0.0.1", false, false, false, false), ("ff02::1", false, false, true, false),
    ("0.0.0.0", false, false, false, true), ("::", false, false, false, true), ("0.0.0.1", false, false, false, false),
  ])
  func `kind of address`(text: String, loopback: Bool, linkLocal: Bool, multicast: Bool, unspecified: Bool) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isLoopback == loopback)
    #expect(address.isLinkLocal == linkLocal)
    #expect(address.isMulticast == multicast)
    #expect(address.isUnspecified == unspecified)
  }

  @Test func `addresses are ordered by family, then by number and not by text`() {
    let texts = ["::", "::2", "::10", "fd00::1", "9.0.0.0", "10.0.0.0", "100.0.0.0"]
    #expect(
      texts.compactMap { IPAddress($0) }.sorted().map(\.description)
        == ["9.0.0.0", "10.0.0.0", "100.0.0.0", "::", "::2", "::10", "fd00::1"])
  }

  @Test func `bits above the width of a family are dropped`() {
    #expect(IPAddress(family: .ipv4, bits: 0x1_0a0a_0105).description == "10.10.1.5")
  }
}
