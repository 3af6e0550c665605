import Glibc
import Synchronization

/// The way of restore input from a thread that makes it to a process that reads it.
///
/// The thread waits at its first bytes until the process has been started and its pid noted, so that no COMMIT is ever
/// announced under an unknown pid.
final class RestorePipe: RestoreSink, Sendable {
  enum Stage { case idle, wanted, running, over }

  private let stage = Mutex(Stage.idle)
  private let gate: Gate
  private let writeEnd: Int32
  private let written = Mutex(Counts())

  struct Counts: Sendable {
    var bytes = 0
    var waiting: Duration = .zero
  }

  /// Called once, when the first bytes are there.
  private let onFirstBytes: @Sendable () -> Void

  init(writeEnd: Int32, onFirstBytes: @escaping @Sendable () -> Void) {
    self.writeEnd = writeEnd
    self.onFirstBytes = onFirstBytes
    gate = Gate()
  }

  var counts: Counts { written.withLock { $0 } }

  /// The process is there: the input may flow.
  func open() { gate.open(true) }

  /// There will be no process, or there is none any more.
  func abandon() { gate.open(false) }

  func write(_ bytes: [UInt8]) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let isFirst = stage.withLock { stage in
      defer { stage = .wanted }
      return stage == .idle
    }
    if isFirst { onFirstBytes() }
    guard gate.wait() else { throw RestoreSinkClosed() }
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(writeEnd, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw RestoreSinkClosed() }
        rest = rest.dropFirst(count)
      }
    }
    let waited = clock.now - start
    written.withLock { counts in
      counts.bytes += bytes.count
      counts.waiting += waited
    }
  }
}

extension Slice where Base == UnsafeRawBufferPointer {
  fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
