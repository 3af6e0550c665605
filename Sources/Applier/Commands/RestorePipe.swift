import Synchronization
import System
import Time

/// Carries restore input from the thread that produces it to the processes that read it, one for each part.
///
/// At the first bytes of a part the thread waits until the process of that part has started and its pid is recorded. So
/// the kernel never announces a COMMIT under an unknown pid. The thread may produce input while the previous process
/// ends.
final class RestorePipe: RestoreSink, Sendable {
  /// What one process reads.
  struct Part: Sendable {
    let number: Int
    /// For the process. If no process takes it, it is closed with the part.
    let readEnd: Handover<Descriptor>
    /// true when the process has started; false when it is known that no process will start; nil before.
    let hasStarted: BlockingWatched<Bool?>
  }

  private struct State: Sendable {
    /// `Part.hasStarted` of the part that is being written.
    var hasStarted: BlockingWatched<Bool?>?
    var parts = 0
    var isAbandoned = false
    var counts = Counts()
  }

  struct Counts: Sendable {
    var bytes = 0
    var waiting: Duration = .zero
  }

  private let state = Mutex(State())
  /// Only the producer's thread uses it, and it may block in a write while it holds the lock.
  private let writeEnd = Mutex<Descriptor?>(nil)
  /// Called when the first bytes of a part arrive.
  private let onPart: @Sendable (Part) -> Void

  init(onPart: @escaping @Sendable (Part) -> Void) { self.onPart = onPart }

  var counts: Counts { state.withLock { $0.counts } }

  /// Declares that no further process will start.
  func abandon() {
    state.withLock { state in
      state.isAbandoned = true
      state.hasStarted?.give(false)
    }
  }

  func endPart() {
    state.withLock { $0.hasStarted = nil }
    writeEnd.withLock { $0 = nil }
  }

  func write(_ bytes: [UInt8]) throws {
    let start = Moment.now()
    let hasStarted = try state.withLock { $0.hasStarted } ?? begin()
    guard hasStarted.wait(for: { $0 }) else { throw RestoreSinkClosed() }
    // The write fails if the process has ended. The exit status of the process tells why it ended, so the error of the
    // write is not needed.
    guard writeEnd.withLock({ (try? $0?.write(bytes)) != nil }) else { throw RestoreSinkClosed() }
    let waited = start.duration(to: .now())
    state.withLock { state in
      state.counts.bytes += bytes.count
      state.counts.waiting += waited
    }
  }

  private func begin() throws -> BlockingWatched<Bool?> {
    let pipe = try Pipe()
    let part = state.withLock { state -> Part? in
      guard !state.isAbandoned else { return nil }
      let part = Part(number: state.parts, readEnd: pipe.readEnd, hasStarted: BlockingWatched(nil))
      state.hasStarted = part.hasStarted
      state.parts += 1
      return part
    }
    guard let part else { throw RestoreSinkClosed() }
    writeEnd.withLock { $0 = pipe.writeEnd.takeOnce() }
    onPart(part)
    return part.hasStarted
  }
}

extension BlockingWatched<Bool?> {
  /// Gives the answer. Only the first one counts.
  func give(_ answer: Bool) { withLock { $0 = $0 ?? answer } }
}
