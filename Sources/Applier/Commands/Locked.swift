import Synchronization

/// A value that a thread of its own leaves for others to pick up.
final class Locked<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { storage.withLock(body) }

  var value: Value { storage.withLock { $0 } }
}
