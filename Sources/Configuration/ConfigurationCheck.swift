import KubernetesAPI
import ServiceModel
import Time

/// Converts the texts of a configuration to values, and collects the errors. Addresses with leading zeros are read as
/// decimal, as in kube-proxy.
struct ConfigurationCheck {
  private(set) var errors: [ConfigurationError] = []

  mutating func fail(_ field: String, _ problem: String) {
    errors.append(ConfigurationError(field: field, problem: problem))
  }

  mutating func address(_ text: String, _ field: String) -> IPAddress? {
    if let address = LegacyAddress.address(text) { return address }
    fail(field, "\(text.quoted) is not an IP address")
    return nil
  }

  /// `ADDRESS:PORT`, with an IPv6 address in brackets.
  mutating func socketAddress(_ text: String, _ field: String) -> SocketAddress? {
    let parts = HostAndPort(text)
    guard parts.portText != nil else {
      fail(field, "\(text.quoted) is not ADDRESS:PORT")
      return nil
    }
    guard let address = parts.address({ LegacyAddress.address($0) }) else {
      fail(field, "\(text.quoted) is not ADDRESS:PORT (an IPv6 address in brackets)")
      return nil
    }
    guard let port = parts.port, port > 0 else {
      fail(field, "\(text.quoted) has no port from 1 to 65535")
      return nil
    }
    return SocketAddress(address, port: port)
  }

  /// An empty text means that nothing is served there.
  mutating func optionalSocketAddress(_ text: String, _ field: String) -> SocketAddress? {
    text.isEmpty ? nil : socketAddress(text, field)
  }

  /// An empty text, one CIDR, or one CIDR of each family, separated by a comma.
  mutating func cidrPair(_ text: String, _ field: String) -> [CIDR] {
    var result: [CIDR] = []
    for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = String(part).trimmingBlanks
      guard let cidr = cidr(part, field) else { continue }
      if let other = result.first(where: { $0.family == cidr.family }) {
        fail(field, "\(cidr) and \(other) are both \(cidr.family.rawValue); only one CIDR of each family is allowed")
      } else {
        result.append(cidr)
      }
    }
    return result
  }

  mutating func cidr(_ text: String, _ field: String) -> CIDR? {
    if let cidr = LegacyAddress.cidr(text) { return cidr }
    fail(field, "\(text.quoted) is not a CIDR (ADDRESS/LENGTH)")
    return nil
  }

  mutating func number(_ value: Int, within range: ClosedRange<Int>, _ field: String) -> Int {
    if !range.contains(value) {
      let what =
        range.upperBound == .max
        ? "must not be less than \(range.lowerBound)" : "is not within \(range.lowerBound) to \(range.upperBound)"
      fail(field, "\(value) \(what)")
    }
    return value
  }

  mutating func duration(_ value: GoDuration, allowsZero: Bool, _ field: String) -> Duration {
    if value < .zero || (value == .zero && !allowsZero) {
      fail(field, "\(value) must be \(allowsZero ? "0 or more" : "more than 0")")
    }
    return value.duration
  }

  /// 0 means that the kernel's value is not changed.
  mutating func optionalDuration(_ value: GoDuration?, _ field: String) -> Duration? {
    guard let value, value != .zero else { return nil }
    return duration(value, allowsZero: true, field)
  }

  mutating func interface(_ text: String, _ field: String) -> String {
    if text.isEmpty {
      fail(field, "must be set for this detectLocalMode")
    } else if !NameRule.isInterface(text) {
      fail(field, "\(text.quoted) is not a valid name of an interface (at most 15 characters)")
    }
    return text
  }
}
