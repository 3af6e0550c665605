import Foundation

/// What a process has in memory (proc_pid_status(5)), in kB.
struct ResidentMemory {
  /// Everything, with the pages of the program and its libraries that were used lately.
  let total: Int
  /// What the process has allocated.
  let anonymous: Int

  /// - Throws: `CocoaError` if there is no such process.
  init(of pid: pid_t) throws {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    func value(_ name: String) throws -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      guard let value = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
        throw CocoaError(.fileReadCorruptFile)
      }
      return value
    }
    total = try value("VmRSS")
    anonymous = try value("RssAnon")
  }
}
