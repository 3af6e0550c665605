import Synchronization
import System

/// The way of restore input from a thread that makes it to the processes that read it, one for each part.
///
/// The thread waits at the first bytes of a part until its process has been started and the pid noted, so that no
/// COMMIT is ever announced under an unknown pid. It may go on making input while the process before comes to its end.
final class RestorePipe: RestoreSink, Sendable {
  /// What one process reads.
  struct Part: Sendable {
    let number: Int
    /// For the process. If nobody takes it, it is closed with the part.
    let readEnd: Handover<Descriptor>
    /// Opened when the process is there, or is known not to come.
    let gate: Gate
  }

  private struct State: Sendable {
    /// Of the part that is being written.
    var gate: Gate?
    var parts = 0
    var isAbandoned = false
    var counts = Counts()
  }

  struct Counts: Sendable {
    var bytes = 0
    var waiting: Duration = .zero
  }

  private let state = Mutex(State())
  /// Used by the producer's thread alone, which may block in a write while it holds the lock.
  private let writeEnd = Mutex<Descriptor?>(nil)
  /// Called when the first bytes of a part are there.
  private let onPart: @Sendable (Part) -> Void

  init(onPart: @escaping @Sendable (Part) -> Void) { self.onPart = onPart }

  var counts: Counts { state.withLock { $0.counts } }

  /// There will be no further process.
  func abandon() {
    state.withLock { state in
      state.isAbandoned = true
      state.gate?.open(false)
    }
  }

  func endPart() {
    state.withLock { $0.gate = nil }
    writeEnd.withLock { $0 = nil }
  }

  func write(_ bytes: [UInt8]) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let gate = try state.withLock { $0.gate } ?? begin()
    guard gate.wait() else { throw RestoreSinkClosed() }
    // The process may have gone away. Its exit status tells why, not the error of the write.
    guard writeEnd.withLock({ (try? $0?.write(bytes)) != nil }) else { throw RestoreSinkClosed() }
    let waited = clock.now - start
    state.withLock { state in
      state.counts.bytes += bytes.count
      state.counts.waiting += waited
    }
  }

  private func begin() throws -> Gate {
    let pipe = try Pipe()
    let part = state.withLock { state -> Part? in
      guard !state.isAbandoned else { return nil }
      let part = Part(number: state.parts, readEnd: pipe.readEnd, gate: Gate())
      state.gate = part.gate
      state.parts += 1
      return part
    }
    guard let part else { throw RestoreSinkClosed() }
    writeEnd.withLock { $0 = pipe.writeEnd.takeOnce() }
    onPart(part)
    return part.gate
  }
}
