import Testing

@testable import IPTables

@Suite(.timeLimit(.minutes(5))) struct ChainNameTests {
  @Test(
    arguments: [
      ("KUBE-SVC-NPX46M4PTMTKRN6Y", ChainName.Prefix.cluster, "24 or 25 bytes"),
      ("KUBE-SVL-AAAAAAAAAAAAAAAA", .local, "the last hash in order of values, the first of letters"),
      ("KUBE-EXT-7777777777777777", .external, "digits only"),
      ("KUBE-SEP-ZZZZZZZZZZZZZZZZ", .endpoint, "the last letter"),
      ("KUBE-FW-2222222222222222", .firewall, "a shorter prefix"),
      ("KUBE-SVC-NPX46M4PTMTKRN6", nil, "a character too few"), ("KUBE-SVC-NPX46M4PTMTKRN6YA", nil, "one too many"),
      ("KUBE-SVC-NPX46M4PTMTKRN6y", nil, "lower case"), ("KUBE-SVC-NPX46M4PTMTKRN61", nil, "1 is no base32 digit"),
      ("KUBE-SVC-NPX46M4PTMTKRN68", nil, "nor is 8"), ("KUBE-SVX-NPX46M4PTMTKRN6Y", nil, "another prefix"),
      ("KUBE-FW-NPX46M4PTMTKRN6YA", nil, "25 bytes behind the shorter prefix"), ("KUBE-SERVICES", nil, "well known"),
      ("", nil, "empty"), ("DOCKER", nil, "foreign"),
    ] as [(String, ChainName.Prefix?, String)])
  func `text and value agree`(text: String, prefix: ChainName.Prefix?, reason: String) {
    let name = ChainName(text)
    #expect(name.description == text, "\(reason)")
    #expect(name.prefix == prefix, "\(reason)")
    #expect((name.hash == nil) == (prefix == nil), "\(reason)")
  }

  private func hash(_ digest: [UInt8]) -> ChainName.Hash { digest.withUnsafeBytes { ChainName.Hash(digest: $0) } }

  @Test func `a digest's first ten bytes in base32`() {
    // RFC 4648 section 10: "foobar" begins MZXW6YTB.
    #expect(
      ChainName.hashed(.cluster, hash(Array("foobarfoob".utf8) + [1, 2, 3])).description == "KUBE-SVC-MZXW6YTBOJTG633C")
    let (lowest, highest) = (hash([UInt8](repeating: 0, count: 32)), hash([UInt8](repeating: 255, count: 32)))
    #expect(ChainName.hashed(.firewall, lowest).description == "KUBE-FW-AAAAAAAAAAAAAAAA")
    #expect(ChainName.hashed(.firewall, highest).description == "KUBE-FW-7777777777777777")
  }

  @Test func `names are ordered as their bytes are`() {
    var state: UInt64 = 1
    var names: [ChainName] = ["KUBE-SERVICES", "KUBE-SVC", "PREROUTING", "KUBE-SVD", "A", "KUBE-FX"]
    for number in 0..<400 {
      let digest = (0..<10).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      names.append(.hashed(ChainName.Prefix.allCases[number % 5], hash(digest)))
    }
    let texts = names.map(\.description)
    let byBytes = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(names.sorted().map(\.description) == byBytes)
    #expect(Set(names.map { ChainName($0.description) }) == Set(names))
  }

  @Test func `leading bits follow the order of names`() {
    let names = ["2222222222222222", "7777777777777777", "AAAAAAAAAAAAAAAA", "ZZZZZZZZZZZZZZZZ"]
    let hashes = names.compactMap { ChainName.Hash(text: Array($0.utf8)) }
    #expect(hashes.map { $0.leadingBits >> 64 } == [0, 0, 0, 0])
    #expect(hashes.map { $0.leadingBits >> 63 } == [0, 0, 0, 1])
    #expect(hashes.map { $0.leadingBits >> 59 } == [0, 5, 6, 31])
  }
}
