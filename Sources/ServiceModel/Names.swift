/// The API server's rules for names. They are checked again here before a name is used in an iptables rule.
package enum NameRule {
  /// Whether `text` is a DNS label (RFC 1123): 1 to 63 characters of a-z, 0-9 and '-'. The first and the last are not
  /// '-'.
  package static func isLabel(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), bytes.first != dash, bytes.last != dash else { return false }
    return bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == dash }
  }

  /// Whether `text` is a DNS subdomain (RFC 1123): up to 253 bytes of labels joined by dots.
  package static func isSubdomain(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first, let last = part.utf8.last else { return false }
      return first != dash && last != dash && part.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == dash }
    }
  }

  /// Whether `text` is accepted as the name of a network interface: 1 to 15 printable ASCII characters without a
  /// special meaning for iptables.
  package static func isInterface(_ text: String) -> Bool {
    guard (1...15).contains(text.utf8.count), text != ".", text != "..", text.utf8.first != dash else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "-_.:@".utf8.contains($0) }
  }

  /// Whether `text` is the value of a label: up to 63 characters of A-Z, a-z, 0-9, '-', '_' and '.'. The first and the
  /// last are a letter or a digit.
  package static func isLabelValue(_ text: String) -> Bool {
    let bytes = text.utf8
    return bytes.count <= 63 && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
      && bytes.first.map(isAlphanumeric) ?? true && bytes.last.map(isAlphanumeric) ?? true
  }

  /// Whether `text` can be the zone or the node of a hint. The API does not check them, and an empty zone is possible.
  package static func isHint(_ text: String) -> Bool { isLabelValue(text) || isSubdomain(text) }

  private static let dash = UInt8(ascii: "-")

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (0x41...0x5a).contains(byte)
  }
}

/// Namespace and name of an object. Both are validated, so they are safe in rule comments and in file names.
package struct NamespacedName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let namespace: String
  package let name: String

  /// nil unless `namespace` is a DNS label and `name` a DNS subdomain.
  package init?(namespace: String, name: String) {
    guard NameRule.isLabel(namespace), NameRule.isSubdomain(name) else { return nil }
    self.namespace = namespace
    self.name = name
  }

  package var description: String { "\(namespace)/\(name)" }

  package static func < (left: NamespacedName, right: NamespacedName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}

/// One port of a Service. Chain names are derived from it, and rule comments show it.
package struct ServicePortName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let service: NamespacedName
  /// A DNS label, or empty if the Service has one unnamed port.
  package let port: String
  package let transport: TransportProtocol

  /// nil unless `port` is empty or a DNS label.
  package init?(service: NamespacedName, port: String, transport: TransportProtocol) {
    guard port.isEmpty || NameRule.isLabel(port) else { return nil }
    self.service = service
    self.port = port
    self.transport = transport
  }

  /// `namespace/name:port`, or `namespace/name` for an unnamed port; without the protocol.
  package var description: String { port.isEmpty ? service.description : "\(service):\(port)" }

  package static func < (left: ServicePortName, right: ServicePortName) -> Bool {
    (left.service, left.port, left.transport) < (right.service, right.port, right.transport)
  }
}
