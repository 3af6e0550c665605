/// `1.8.9`, with what depends on it.
public struct IPTablesVersion: Sendable, Comparable, CustomStringConvertible {
  public let major: Int
  public let minor: Int
  public let patch: Int
  /// The backend that the program says it was built for; nil before 1.8, when there was legacy only.
  public let backend: Backend?

  public init(_ major: Int, _ minor: Int, _ patch: Int, backend: Backend? = nil) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.backend = backend
  }

  /// From the output of `iptables --version`, such as `iptables v1.8.9 (nf_tables)`; nil where it holds no version.
  public init?(output: String) {
    guard let word = output.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix("v") }) else {
      return nil
    }
    let numbers = word.dropFirst().split(separator: ".").map { Int($0) }
    guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    let backend: Backend? = output.contains("(nf_tables)") ? .nft : output.contains("(legacy)") ? .legacy : nil
    self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0, backend: backend)
  }

  /// `--random-fully` of MASQUERADE came with 1.6.2.
  public var hasRandomFully: Bool { self >= IPTablesVersion(1, 6, 2) }

  public var description: String { "\(major).\(minor).\(patch)" }

  public static func < (left: IPTablesVersion, right: IPTablesVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  public static func == (left: IPTablesVersion, right: IPTablesVersion) -> Bool {
    (left.major, left.minor, left.patch) == (right.major, right.minor, right.patch)
  }
}
