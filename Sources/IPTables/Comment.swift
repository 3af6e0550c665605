/// Text of a `-m comment` match that cannot break out of its rule.
///
/// Holds printable ASCII without quotes and backslashes, at most 255 bytes: iptables-restore splits its input at
/// white space and quotes, and the kernel keeps 255 bytes.
public struct Comment: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// nil if `text` holds a byte that iptables-restore could read as something else, or is empty or too long.
  public init?(_ text: String) {
    let bytes = text.utf8
    guard (1...255).contains(bytes.count) else { return nil }
    let isSafe = bytes.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x27 && $0 != 0x5c }
    guard isSafe else { return nil }
    self.text = text
  }

  /// For text whose parts are checked already, such as names of the cluster.
  public init(checked text: String) {
    guard let comment = Comment(text) else { preconditionFailure("unsafe comment: \(text.debugDescription)") }
    self = comment
  }

  /// Written without quotes where kube-proxy does: when there is no space in it.
  var needsQuotes: Bool { text.utf8.contains(0x20) }

  public var description: String { text }
}
