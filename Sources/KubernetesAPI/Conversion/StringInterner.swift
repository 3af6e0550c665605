/// Lets equal strings share one storage. A cluster has few node names and zones, and they appear very often.
struct StringInterner {
  /// More distinct strings than a cluster has nodes. Above the limit the table is cleared, so that it does not grow
  /// with uptime.
  private static let limit = 16_384
  private var known: Set<String> = []

  mutating func intern(_ text: String) -> String {
    // Swift stores strings of up to 15 bytes inline.
    if text.utf8.count <= 15 { return text }
    if let index = known.firstIndex(of: text) { return known[index] }
    if known.count >= StringInterner.limit { known.removeAll() }
    known.insert(text)
    return text
  }
}
