import ServiceModel

/// The parts of an API server's URL, as connecting and verifying need them.
struct ServerURL: Hashable, Sendable {
  var scheme: String
  /// A name or an IPv4 address, or an IPv6 address in brackets.
  var host: String
  var port: UInt16
  /// Empty, or a slash followed by the path in front of `/api`. No slash at the end.
  var path: String

  /// - Throws: `.invalidSetting` if the text is not `http(s)://host[:port][/path]`.
  init(_ text: String) throws(CredentialError) {
    func invalid(_ reason: String) -> CredentialError { .invalidSetting(name: "server", value: text, reason: reason) }
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw invalid("not an ASCII URL") }
    guard let (scheme, rest) = Self.split(text) else { throw invalid("not http:// or https://") }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest.dropFirst(authority.count)
    guard !path.contains("?"), !path.contains("#") else { throw invalid("a query is not allowed") }
    guard !authority.contains("@") else { throw invalid("a user name is not allowed") }
    let parts = HostAndPort(authority)
    var port: UInt16 = scheme == "https" ? 443 : 80
    if parts.portText != nil {
      guard let number = parts.port, number > 0 else { throw invalid("not a port") }
      port = number
    }
    guard !parts.host.isEmpty, parts.hasBrackets || !parts.host.contains(where: { ":[]".contains($0) }) else {
      throw invalid("not a host name or address")
    }
    self.scheme = scheme
    self.host = parts.hasBrackets ? "[\(parts.host)]" : String(parts.host)
    self.port = port
    self.path = String(path.reversed().drop { $0 == "/" }.reversed())
  }

  private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
    for scheme in ["https", "http"] where text.lowercased().hasPrefix(scheme + "://") {
      return (scheme, text.dropFirst(scheme.count + 3))
    }
    return nil
  }

  /// `host:port`, as in a Host header.
  var authority: String { "\(host):\(port)" }

  /// The URL of a target. If `name` is given, it replaces the host name.
  func url(_ target: String, named name: String? = nil) -> String {
    let host = name.map { $0.hasPrefix("[") ? $0 : HostAndPort.bracketed($0) } ?? host
    return "\(scheme)://\(host):\(port)\(path)\(target)"
  }
}
