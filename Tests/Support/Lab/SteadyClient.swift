import Foundation
import Glibc

/// Opens new connections at a steady rate until it is stopped. Records every connection without an answer.
package final class SteadyClient: Sendable {
  package struct Report: Sendable {
    package var answered = 0
    package var failures: [Outcome] = []
    /// Number of answers by endpoint.
    package var endpoints: [String: Int] = [:]

    var attempts: Int { answered + failures.count }
  }

  private let state: State
  let done: Task<Void, any Error>

  /// Starts to ask from a host, `rate` times a second.
  package init(_ request: Request, from host: some LabHost, rate: Int = 200) {
    let state = State()
    self.state = state
    done = Task {
      defer { state.change { $0.ended = true } }
      try await host.namespace.run { try state.loop(request, rate) }
    }
  }

  /// If a test fails before it calls `stop`, nothing else ends the thread.
  deinit { state.change { $0.stopped = true } }

  /// Waits for this number of further attempts, with any outcome.
  package func waitForMore(_ count: Int) async throws {
    let state = state
    try await onOwnThread { try state.waitForMore(count) }
  }

  /// Stops the client and returns the report.
  package func stop() async throws -> Report {
    state.change { $0.stopped = true }
    try await done.value
    return state.report
  }
}

private final class State: @unchecked Sendable {
  struct Values {
    var report = SteadyClient.Report()
    var stopped = false
    var ended = false
  }

  private let condition = NSCondition()
  private var values = Values()

  var report: SteadyClient.Report { condition.withLock { values.report } }

  func change(_ body: (inout Values) -> Void) {
    condition.withLock {
      body(&values)
      condition.broadcast()
    }
  }

  func waitForMore(_ count: Int) throws {
    condition.lock()
    defer { condition.unlock() }
    let goal = values.report.attempts + count
    let deadline = Date(timeIntervalSinceNow: 120)
    while values.report.attempts < goal {
      if values.ended || !condition.wait(until: deadline) {
        throw LabError.missed(what: "\(count) attempts", log: ["\(values.report)"])
      }
    }
  }

  func loop(_ request: Request, _ rate: Int) throws {
    var due = timespec()
    clock_gettime(CLOCK_MONOTONIC, &due)
    while !condition.withLock({ values.stopped }) {
      let outcome: Outcome
      switch try Connection.open(request) {
      case .success(let connection): outcome = connection.ask()
      case .failure(.outcome(let failure)): outcome = failure
      }
      change { values in
        guard let endpoint = outcome.endpoint else { return values.report.failures.append(outcome) }
        values.report.answered += 1
        values.report.endpoints[endpoint, default: 0] += 1
      }
      due.tv_nsec += 1_000_000_000 / rate
      if due.tv_nsec >= 1_000_000_000 {
        due.tv_sec += 1
        due.tv_nsec -= 1_000_000_000
      }
      while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nil) == EINTR {}
    }
  }
}
