/// The text of a `-m comment` match. It cannot end its rule early.
///
/// The text is printable ASCII without quotes and backslashes, and at most 255 bytes long. iptables-restore splits its
/// input at white space and quotes, and the kernel keeps 255 bytes.
package struct Comment: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// nil if `text` is empty, is too long, or holds a byte that iptables-restore could read as something else.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...255).contains(bytes.count) else { return nil }
    let isSafe = bytes.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x27 && $0 != 0x5c }
    guard isSafe else { return nil }
    self.text = text
  }

  /// For text whose parts have been checked, such as names of cluster objects. Ends the process if the text is not
  /// safe.
  package init(checked text: String) {
    guard let comment = Comment(text) else { preconditionFailure("unsafe comment: \(text.debugDescription)") }
    self = comment
  }

  /// kube-proxy writes quotes only if there is a space in the text.
  var needsQuotes: Bool { text.utf8.contains(0x20) }

  package var description: String { text }
}
