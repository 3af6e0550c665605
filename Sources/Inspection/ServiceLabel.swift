import IPTables
import ServiceModel

/// A service port as the comments of rules spell it: `namespace/name:port`.
package struct ServiceLabel: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let service: NamespacedName
  /// Empty for the only, unnamed port.
  package let port: String

  package init(service: NamespacedName, port: String) {
    self.service = service
    self.port = port
  }

  /// Reads `namespace/name` or `namespace/name:port`; nil if it is neither.
  package init?(_ text: some StringProtocol) {
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let names = halves[0].split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, let service = NamespacedName(namespace: String(names[0]), name: String(names[1])) else {
      return nil
    }
    let port = halves.count == 2 ? String(halves[1]) : ""
    guard port.isEmpty ? halves.count == 1 : NameRule.isLabel(port) else { return nil }
    self.init(service: service, port: port)
  }

  /// The service port that a rule's comment names; nil for rules of no Service.
  package init?(commentOf rule: Rule) {
    guard let comment = rule.comment else { return nil }
    // `pod traffic for ns/name:port external destinations`, `ns/name:port -> 10.0.0.1:80`
    for word in comment.split(separator: " ") where word.utf8.contains(UInt8(ascii: "/")) {
      if let label = ServiceLabel(word) {
        self = label
        return
      }
    }
    return nil
  }

  package var description: String { port.isEmpty ? service.description : "\(service):\(port)" }

  package static func < (left: ServiceLabel, right: ServiceLabel) -> Bool {
    (left.service, left.port) < (right.service, right.port)
  }
}

extension Rule {
  /// The text of its comment match.
  var comment: String? {
    for case .comment(let comment) in matches { return comment.text }
    return nil
  }
}
