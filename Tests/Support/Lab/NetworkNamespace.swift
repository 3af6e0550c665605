import CLab
import Glibc
import System

/// A named network namespace as made by `ip netns`.
package struct NetworkNamespace: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static let directory = "/run/netns"

  var path: String { "\(NetworkNamespace.directory)/\(name)" }

  /// Moves the calling thread, and the programs that it starts later, into the namespace. Not for threads of a pool.
  func enter() throws(SystemError) {
    let cloneNewNet: Int32 = 0x4000_0000
    let descriptor = try SystemError.check(open(path, O_RDONLY | O_CLOEXEC), "open \(path)")
    defer { close(descriptor) }
    try SystemError.check(setns(descriptor, cloneNewNet), "enter \(name)")
  }

  /// Runs blocking work in the namespace.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await onOwnThread(in: self, work)
  }

  /// The same for a caller that is not asynchronous. It waits for the new thread alone, so it ends even if no thread of
  /// the cooperative pool is free.
  package func runAndBlock<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) throws -> Value {
    let outcome = BlockingWatched<Result<Value, any Error>?>(nil)
    try OwnThread.start("lab") {
      let result = Result {
        try enter()
        return try work()
      }
      outcome.withLock { $0 = result }
    }
    return try outcome.wait { $0 }.get()
  }

  /// Writes files under `/proc/sys/net` in the namespace, in this order. Names have slashes, like `ipv4/ip_forward`.
  package func setSysctls(_ values: KeyValuePairs<String, String>) async throws {
    let pairs = values.map { (name: $0.key, value: $0.value) }
    try await run {
      for pair in pairs {
        let path = "/proc/sys/net/\(pair.name)"
        let descriptor = try SystemError.check(open(path, O_WRONLY | O_CLOEXEC), "open \(path)")
        defer { close(descriptor) }
        try SystemError.check(write(descriptor, pair.value, pair.value.utf8.count), "write \(pair.value) to \(path)")
      }
    }
  }

  /// Reads one file under `/proc/sys/net` in the namespace.
  package func sysctl(_ name: String) async throws -> String {
    try await run {
      let path = "/proc/sys/net/\(name)"
      let descriptor = try SystemError.check(open(path, O_RDONLY | O_CLOEXEC), "open \(path)")
      defer { close(descriptor) }
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = try SystemError.check(read(descriptor, &buffer, buffer.count), "read \(path)")
      return String(decoding: buffer.prefix(count), as: UTF8.self).trimmingNewline()
    }
  }
}

extension String {
  func trimmingNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
