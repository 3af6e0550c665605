import Dispatch
import Glibc
import Synchronization
import System

/// A service proxy under measurement, from its start to its end.
final class RunningProgram: Sendable {
  private let child: ChildProcess
  /// Runs from the moment of its start.
  let clock = Stopwatch()
  private let errors: MemoryFile
  private let end = Mutex<ProcessEnd?>(nil)
  /// Signalled when the process has ended.
  private let ended = DispatchSemaphore(value: 0)

  /// Starts it in the calling thread's network namespace.
  init(_ arguments: [String]) throws {
    // Output beyond this limit is lost. It is kept only to say why the program failed.
    errors = try MemoryFile("log of the measured program", limit: 4 << 20)
    child = try Program(arguments).start(
      Program.Streams(
        input: .nothing, output: .given(try errors.duplicate()), error: .given(try errors.duplicate())))
    try OwnThread.start("program's end") { [self] in
      let end = child.wait()
      self.end.withLock { $0 = end }
      ended.signal()
    }
  }

  var pid: pid_t { child.pid }

  /// Waits a moment, or until the process has ended.
  /// - Throws: if the process has ended. The error has its last lines.
  func pause(seconds: Double) throws {
    guard ended.wait(timeout: .now() + seconds) == .success else { return }
    ended.signal()
    let status = end.withLock { $0 }?.code ?? -1
    throw BenchmarkError.unusable("it ended with exit status \(status)\(lastWords)")
  }

  /// Runs `body`. If `body` fails and the program has ended, throws the end as the reason, because the kernel has no
  /// counters of a program that has ended.
  func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      try pause(seconds: 1)
      throw error
    }
  }

  /// The last lines that the program wrote, as the end of an error's sentence.
  var lastWords: String {
    let lines = ((try? errors.text()) ?? "").split(whereSeparator: \.isNewline).suffix(3)
    guard !lines.isEmpty else { return "" }
    let printable = lines.map { line in String(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }) }
    return "; standard error: " + printable.joined(separator: " | ").prefix(600)
  }

  /// Ends it, and returns when it is gone.
  func stop() {
    child.kill()
    ended.wait()
    ended.signal()
  }
}
