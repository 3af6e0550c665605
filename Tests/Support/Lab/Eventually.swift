/// A condition did not become true in time.
package struct NeverHappened: Error, CustomStringConvertible {
  let what: String
  let last: String
  package var description: String { "\(what): not within a minute; in the end: \(last)" }
}

/// Reads a value every 20 ms until it is as wanted, and returns it. Throws after a minute. Only for changes that no
/// signal or log line reports.
@discardableResult
package func eventually<Value>(
  _ what: String, _ value: () async throws -> Value, is isWanted: (Value) -> Bool
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(60)
  while true {
    let now = try await value()
    if isWanted(now) { return now }
    guard ContinuousClock.now < deadline else { throw NeverHappened(what: what, last: "\(now)") }
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// The same for a condition.
package func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
  try await eventually(what, isSo) { $0 }
}
