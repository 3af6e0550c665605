/// A version such as `1.8.9`, and the features that depend on it.
package struct IPTablesVersion: Sendable, Comparable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int
  /// The backend that the program reports; nil before 1.8, which had legacy only.
  package let backend: Backend?

  package init(_ major: Int, _ minor: Int, _ patch: Int, backend: Backend? = nil) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.backend = backend
  }

  /// Reads the output of `iptables --version`, such as `iptables v1.8.9 (nf_tables)`; nil if it has no version.
  package init?(output: String) {
    guard let word = output.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix("v") }) else {
      return nil
    }
    let numbers = word.dropFirst().split(separator: ".").map { Int($0) }
    guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    let backend: Backend? = output.contains("(nf_tables)") ? .nft : output.contains("(legacy)") ? .legacy : nil
    self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0, backend: backend)
  }

  /// MASQUERADE has `--random-fully` since 1.6.2.
  var hasRandomFully: Bool { self >= IPTablesVersion(1, 6, 2) }

  package var description: String { "\(major).\(minor).\(patch)" }

  package static func < (left: IPTablesVersion, right: IPTablesVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  package static func == (left: IPTablesVersion, right: IPTablesVersion) -> Bool {
    (left.major, left.minor, left.patch) == (right.major, right.minor, right.patch)
  }
}
