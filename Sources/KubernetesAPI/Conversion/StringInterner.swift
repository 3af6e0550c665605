/// Makes equal strings share one storage: a cluster has few node names and zones, and says each of them very often.
struct StringInterner {
  /// More distinct strings than any cluster has nodes; then it starts anew, so that it does not grow with uptime.
  private static let limit = 16_384
  private var known: Set<String> = []

  mutating func intern(_ text: String) -> String {
    // Up to 15 bytes live in the value itself.
    if text.utf8.count <= 15 { return text }
    if let index = known.firstIndex(of: text) { return known[index] }
    if known.count >= StringInterner.limit { known.removeAll() }
    known.insert(text)
    return text
  }
}
