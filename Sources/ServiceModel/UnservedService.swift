/// A Service that gets no rules, such as a headless one, although people may expect its addresses to work.
package struct UnservedService: Sendable, Equatable {
  package var name: NamespacedName
  /// Its external IPs.
  package var addresses: [IPAddress]
  /// Why it gets no rules.
  package var reason: String

  package init(name: NamespacedName, addresses: [IPAddress], reason: String) {
    self.name = name
    self.addresses = addresses
    self.reason = reason
  }
}
