/// Bytes as a network delivers them: in pieces. The sizes depend only on the bytes, so a finding can be repeated.
struct Pieces: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>
  private var state: UInt64

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
    // FNV-1a
    state = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let piece = rest.prefix(1 + Int(state >> 59))
    rest = rest.dropFirst(piece.count)
    return piece
  }
}
