/// Searches the end of a request's head in bytes that arrive in pieces. Looks at each byte only once, so that a client
/// that sends single bytes does not cost much CPU time.
struct HTTPHeadSearch: Sendable, Equatable {
  /// Number of bytes that were already searched.
  private var count = 0
  /// Length of the current line.
  private var lineLength = 0
  /// Whether there was a line that is not empty.
  private var hasLine = false

  /// The length of the head with the empty line that ends it; nil while that line is missing.
  /// - Parameter bytes: the bytes of the previous call, followed by the new ones.
  mutating func length(of bytes: ArraySlice<UInt8>, limit: Int) throws(HTTPHeadParser.Failure) -> Int? {
    for byte in bytes.prefix(limit).dropFirst(count) {
      count += 1
      switch byte {
      case 0x0a where lineLength == 0 && hasLine: return count
      case 0x0a: lineLength = 0
      case 0x0d: break
      default:
        lineLength += 1
        hasLine = true
      }
    }
    if bytes.count >= limit { throw .tooLarge }
    return nil
  }
}
