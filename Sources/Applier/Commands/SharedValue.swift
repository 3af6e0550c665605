import Synchronization

/// A value that several threads read and change, with the lock that protects it.
final class SharedValue<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { storage.withLock(body) }

  var value: Value { storage.withLock { $0 } }
}
