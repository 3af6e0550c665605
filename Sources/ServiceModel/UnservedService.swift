/// A Service that gets no rules, such as a headless one, although people may expect its addresses to work.
public struct UnservedService: Sendable, Equatable {
  public var name: NamespacedName
  /// Its external IPs.
  public var addresses: [IPAddress]
  /// Why it gets no rules.
  public var reason: String

  public init(name: NamespacedName, addresses: [IPAddress], reason: String) {
    self.name = name
    self.addresses = addresses
    self.reason = reason
  }
}
