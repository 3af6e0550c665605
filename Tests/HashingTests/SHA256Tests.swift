import Hashing
import Testing

@Suite(.timeLimit(.minutes(5))) struct SHA256Tests {
  /// Of FIPS 180-4's own examples, and the lengths at which the padding takes another block.
  @Test(arguments: [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (["a", "", "bc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"],
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      [String(repeating: "a", count: 1_000_000)],
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    (["\0"], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
  ])
  func `known digests`(parts: [String], digest: String) {
    #expect(hex(parts) == digest)
  }

  @Test func `the digest of pieces is that of the whole`() {
    let text = String((0..<5000).map { Character(UnicodeScalar(UInt8(0x20 + $0 % 90))) })
    var running = RunningSHA256()
    for start in stride(from: 0, to: text.utf8.count, by: 77) {
      Array(text.utf8.dropFirst(start).prefix(77)).withUnsafeBytes { running.add($0) }
    }
    #expect(withUnsafeBytes(of: running.digest(), hex) == hex([text]))
  }

  /// Threads take turns with the one context.
  @Test func `hashes of several threads at once do not mix`() async {
    let expected = (0..<8).map { hex(["part", "\($0)"]) }
    let found = await withTaskGroup(of: (Int, Set<String>).self) { group in
      for number in 0..<8 {
        group.addTask { (number, Set((0..<500).map { _ in hex(["part", "\(number)"]) })) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(Set(expected).count == 8)
    for (number, digest) in expected.enumerated() { #expect(found[number] == [digest]) }
  }
}

private func hex(_ parts: [String]) -> String {
  withUnsafeBytes(of: SHA256.digest(of: parts), hex)
}

private func hex(_ digest: UnsafeRawBufferPointer) -> String {
  digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
