import Foundation

/// The resident memory of a process in kB (proc_pid_status(5)).
package struct ResidentMemory: Sendable {
  /// All resident pages, including pages of the program file and of libraries.
  package let total: Int
  /// The resident memory that the process has allocated.
  package let anonymous: Int
  /// The largest `total` so far.
  package let peak: Int

  /// - Throws: `CocoaError` if there is no such process.
  package init(of pid: pid_t) throws {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    func value(_ name: String) throws -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      guard let value = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
        throw CocoaError(.fileReadCorruptFile)
      }
      return value
    }
    total = try value("VmRSS")
    peak = try value("VmHWM")
    anonymous = try value("RssAnon")
  }
}
