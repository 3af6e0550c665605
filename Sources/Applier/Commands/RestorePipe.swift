import Glibc
import Synchronization

/// The way of restore input from a thread that makes it to the processes that read it, one for each part.
///
/// The thread waits at the first bytes of a part until its process has been started and the pid noted, so that no
/// COMMIT is ever announced under an unknown pid. It may go on making input while the process before comes to its end.
final class RestorePipe: RestoreSink, Sendable {
  /// What one process reads.
  struct Part: Sendable {
    let number: Int
    let pipe: Pipe
    /// Opened when the process is there.
    let gate: Gate
  }

  private struct State: Sendable {
    var part: Part?
    var parts = 0
    /// Whether the part's read end is still to be closed here.
    var isWaiting = false
    var isAbandoned = false
    var counts = Counts()
  }

  struct Counts: Sendable {
    var bytes = 0
    var waiting: Duration = .zero
  }

  private let state = Mutex(State())
  private let command: String
  /// Called when the first bytes of a part are there.
  private let onPart: @Sendable (Part) -> Void

  init(for command: String, onPart: @escaping @Sendable (Part) -> Void) {
    self.command = command
    self.onPart = onPart
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// The part that was announced goes to a process, which gets its read end.
  func take() { state.withLock { $0.isWaiting = false } }

  /// There will be no further process.
  func abandon() {
    state.withLock { state in
      state.isAbandoned = true
      guard let part = state.part else { return }
      if state.isWaiting { close(part.pipe.readEnd) }
      state.isWaiting = false
      part.gate.open(false)
    }
  }

  func endPart() {
    let ended = state.withLock { state in
      defer { state.part = nil }
      return state.part
    }
    if let ended { close(ended.pipe.writeEnd) }
  }

  func write(_ bytes: [UInt8]) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let part = try state.withLock { $0.part } ?? begin()
    guard part.gate.wait() else { throw RestoreSinkClosed() }
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(part.pipe.writeEnd, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw RestoreSinkClosed() }
        rest = rest.dropFirst(count)
      }
    }
    let waited = clock.now - start
    state.withLock { state in
      state.counts.bytes += bytes.count
      state.counts.waiting += waited
    }
  }

  private func begin() throws -> Part {
    let pipe = try Pipe(for: command)
    let part = state.withLock { state -> Part? in
      guard !state.isAbandoned else { return nil }
      let part = Part(number: state.parts, pipe: pipe, gate: Gate())
      state.part = part
      state.isWaiting = true
      state.parts += 1
      return part
    }
    guard let part else {
      close(pipe.readEnd)
      close(pipe.writeEnd)
      throw RestoreSinkClosed()
    }
    onPart(part)
    return part
  }
}

extension Slice where Base == UnsafeRawBufferPointer {
  fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
