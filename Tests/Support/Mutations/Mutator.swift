/// Damages bytes as failing disks, faulty peers and typing errors do. The same seed gives the same bytes.
package struct Mutator: RandomNumberGenerator {
  private var random: SplitMix64
  /// Bytes to insert at random places.
  private let pieces: [[UInt8]]

  /// - Parameter pieces: bytes to insert at random places, besides single bytes that have a meaning in most formats.
  package init(seed: UInt64, pieces: [[UInt8]]) {
    random = SplitMix64(seed: seed)
    self.pieces = pieces + Mutator.bytes.map { [$0] }
  }

  package init(seed: UInt64, pieces: [String] = []) {
    self.init(seed: seed, pieces: pieces.map { Array($0.utf8) })
  }

  private static let bytes = Array("\u{0}\n\r\t \"'{}[]:,-&*!|>%@#\\0a9é\u{7f}\u{1b}".utf8) + [0xff, 0xc0, 0x80]

  package mutating func next() -> UInt64 { random.next() }

  /// `original` with one to four changes.
  package mutating func mutated(_ original: [UInt8]) -> [UInt8] {
    var result = original
    for _ in 0..<Int.random(in: 1...4, using: &self) { change(&result) }
    return result
  }

  package mutating func mutated(_ text: String) -> [UInt8] { mutated(Array(text.utf8)) }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &self)
    let range = place..<min(bytes.count, place + Int.random(in: 1...40, using: &self))
    switch Int.random(in: 0..<8, using: &self) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
    case 2: bytes.removeSubrange(range)
    case 3: bytes.insert(contentsOf: bytes[range], at: Int.random(in: 0...bytes.count, using: &self))
    case 4:
      let piece = bytes[range]
      bytes.removeSubrange(range)
      bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &self))
    case 5: bytes.insert(contentsOf: piece(), at: place)
    case 6: bytes.replaceSubrange(range, with: piece())
    default:
      // Sometimes cut off the end.
      if Int.random(in: 0..<4, using: &self) == 0 { bytes.removeSubrange(place...) } else { bytes[place] = piece()[0] }
    }
  }

  private mutating func piece() -> [UInt8] { pieces.randomElement(using: &self) ?? [0] }
}
