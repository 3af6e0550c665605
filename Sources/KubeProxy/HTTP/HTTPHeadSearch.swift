/// Looks for the end of a request's head in bytes that arrive piece by piece. Each byte is looked at once: a client that
/// sends them one by one must not cost the server's thread a multiple.
struct HTTPHeadSearch: Sendable, Equatable {
  /// Bytes that were looked at.
  private var count = 0
  /// Of the line that is being read.
  private var lineLength = 0
  /// Whether there was a line with something in it.
  private var hasLine = false

  /// How many bytes the head takes, with the empty line that ends it; nil while that is missing.
  /// - Parameter bytes: those of the call before, and what has arrived since.
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
