import Lab
import ServiceModel

/// A shadow beside the proxy. The proxy follows every change, so the shadow must not report anything.
struct SoakShadow {
  static let flags = ["--shadow", "--shadow-delay", "2s", "-v", "5"]

  let daemon: Daemon

  init(_ daemon: Daemon) { self.daemon = daemon }

  @Sendable private static func isComparison(_ line: String) -> Bool {
    line.contains("compared the kernel's rules with the plan")
  }

  /// How often it has compared the kernel's rules of one family with the plan.
  var comparisons: Int { daemon.lines.count(where: SoakShadow.isComparison) }

  /// All warnings and errors that it has logged.
  var warnings: [String] { daemon.lines.filter { $0.hasPrefix("W") || $0.hasPrefix("E") } }

  /// Waits until it has compared each family so many times. The comparisons of the families take turns.
  func waitForComparisons(_ count: Int, after mark: Int) async throws {
    var mark = mark
    for _ in 0..<count * IPFamily.allCases.count {
      mark = try await daemon.waitForLine("a comparison by the shadow", after: mark, where: SoakShadow.isComparison)
    }
  }
}
