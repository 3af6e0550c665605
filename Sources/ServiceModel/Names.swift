/// What the API server guarantees of names, checked again before one gets near a rule.
public enum NameRule {
  /// Whether `text` is a DNS label (RFC 1123): 1 to 63 of a-z, 0-9 and '-', neither first nor last a '-'.
  public static func isLabel(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), bytes.first != dash, bytes.last != dash else { return false }
    return bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == dash }
  }

  /// Whether `text` is a DNS subdomain (RFC 1123): up to 253 bytes of labels joined by dots.
  public static func isSubdomain(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first, let last = part.utf8.last else { return false }
      return first != dash && last != dash && part.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == dash }
    }
  }

  /// Whether `text` can name a network interface here: 1 to 15 printable ASCII bytes that mean nothing to iptables.
  public static func isInterface(_ text: String) -> Bool {
    guard (1...15).contains(text.utf8.count), text != ".", text != "..", text.utf8.first != dash else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "-_.:@".utf8.contains($0) }
  }

  private static let dash = UInt8(ascii: "-")

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (0x41...0x5a).contains(byte)
  }
}

/// Namespace and name of an object, both checked, so that they may stand in comments and file names.
public struct NamespacedName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let namespace: String
  public let name: String

  /// nil unless `namespace` is a DNS label and `name` a DNS subdomain.
  public init?(namespace: String, name: String) {
    guard NameRule.isLabel(namespace), NameRule.isSubdomain(name) else { return nil }
    self.namespace = namespace
    self.name = name
  }

  public var description: String { "\(namespace)/\(name)" }

  public static func < (left: NamespacedName, right: NamespacedName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}

/// One port of a Service: what chains are named after and what comments call it.
public struct ServicePortName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let service: NamespacedName
  /// A DNS label, or empty for the only, unnamed port.
  public let port: String
  public let transport: TransportProtocol

  /// nil unless `port` is empty or a DNS label.
  public init?(service: NamespacedName, port: String, transport: TransportProtocol) {
    guard port.isEmpty || NameRule.isLabel(port) else { return nil }
    self.service = service
    self.port = port
    self.transport = transport
  }

  /// `namespace/name:port`, or `namespace/name` for an unnamed port; without the protocol.
  public var description: String { port.isEmpty ? service.description : "\(service):\(port)" }

  public static func < (left: ServicePortName, right: ServicePortName) -> Bool {
    (left.service, left.port, left.transport) < (right.service, right.port, right.transport)
  }
}
