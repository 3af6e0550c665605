import ServiceModel
import Time

/// Formats numbers for people.
package enum Readable {
  /// `0.4 ms`, `12 ms`, `3.2 s`, `2 min 5 s`.
  package static func duration(_ duration: Duration) -> String {
    let seconds = duration.inSeconds
    switch seconds {
    case ..<0.01: return "\(tenths(seconds * 1000)) ms"
    case ..<1: return "\(Int((seconds * 1000).rounded())) ms"
    case ..<60: return "\(tenths(seconds)) s"
    default: return age(duration)
    }
  }

  /// `12 s`, `3 min 5 s`, `2 h 10 min`, `40 d 3 h`.
  package static func age(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<86400: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
    }
  }

  /// `10,000`.
  static func count(_ number: Int) -> String { number.grouped }

  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(count(number)) \(number == 1 ? one : many)"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
