import Glibc
import Synchronization

extension Program {
  /// Runs the program to its end on a thread of its own. The same thread can serve the program's streams.
  ///
  /// If the task is cancelled, the process is killed, or it is not started.
  /// - Parameter whileRunning: called on that thread after the process has started.
  /// - Throws: only if no process was started.
  package func run(
    _ streams: consuming Streams, whileRunning: @escaping @Sendable (ChildProcess) -> Void = { _ in }
  ) async throws(ProcessNotStarted) -> ProcessEnd {
    let handover = Handover(streams)
    let current = Mutex(Current.none)
    let result = await withTaskCancellationHandler {
      do throws(SystemError) {
        return try await OwnThread.run(threadName) {
          Result { () throws(ProcessNotStarted) in
            priority.apply()
            let streams = handover.takeOnce()
            if current.withLock({ $0.isCancelled }) {
              throw ProcessNotStarted(self, SystemError(action: "start a process", code: ECANCELED))
            }
            let child = try start(streams)
            current.withLock { current in
              if current.isCancelled { child.kill() } else { current = .running(child) }
            }
            whileRunning(child)
            return child.wait()
          }
        }
      } catch {
        return .failure(ProcessNotStarted(self, error))
      }
    } onCancel: {
      current.withLock { current in
        if case .running(let child) = current { child.kill() }
        current = .cancelled
      }
    }
    return try result.get()
  }

  private enum Current: Sendable {
    case none
    case running(ChildProcess)
    case cancelled

    var isCancelled: Bool {
      if case .cancelled = self { return true }
      return false
    }
  }

  /// The program's name, shortened to the 15 bytes of a thread name.
  private var threadName: String {
    String(
      decoding: (arguments.first ?? "").split(separator: "/").last?.utf8.prefix(15) ?? "".utf8.prefix(0), as: UTF8.self)
  }
}
