import CLinux
import Glibc
import Synchronization

/// A file descriptor with one owner. It is closed when the owner releases it, and at no other time.
package struct Descriptor: ~Copyable, Sendable {
  /// For system calls while this value exists.
  package let number: Int32

  package init(owning number: Int32) { self.number = number }

  /// Opens a file. Started programs do not inherit it.
  package init(opening path: String, _ flags: Int32 = O_RDONLY, mode: mode_t = 0) throws(SystemError) {
    self.init(owning: try SystemError.check(open(path, flags | O_CLOEXEC, mode), "open \(path)"))
  }

  deinit { close(number) }

  /// Makes another descriptor of the same open file. Both share the position. Started programs do not inherit it.
  package borrowing func duplicate() throws(SystemError) -> Descriptor {
    // Do not use the numbers of the standard streams, which may be closed in this process.
    let copy = try SystemError.check(fcntl(number, F_DUPFD_CLOEXEC, 3), "duplicate a file descriptor")
    return Descriptor(owning: copy)
  }

  /// Writes all bytes. Blocks while the reader is busy.
  package borrowing func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    try Descriptor.write(bytes, to: number)
  }

  /// The same for a descriptor without an owner, such as a standard stream.
  package static func write(_ bytes: some Sequence<UInt8>, to number: Int32) throws(SystemError) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      rest = rest.dropFirst(try SystemError.check(count, "write"))
    }
  }

  /// Blocks until there are bytes to read, and returns their number. 0 means the end.
  package borrowing func read(into buffer: inout [UInt8]) throws(SystemError) -> Int {
    while true {
      let count = Glibc.read(number, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      return try SystemError.check(count, "read")
    }
  }

  /// Reads to the end, but not much more than `limit` bytes, and returns at most `limit` bytes.
  package borrowing func readAll(atMost limit: Int) throws(SystemError) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while result.count < limit, case let count = try read(into: &buffer), count > 0 { result += buffer.prefix(count) }
    return Array(result.prefix(limit))
  }
}

/// A pipe. A started program inherits an end only if that end is one of the streams that the program gets.
package struct Pipe: ~Copyable, Sendable {
  package let readEnd: Handover<Descriptor>
  package let writeEnd: Handover<Descriptor>

  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try SystemError.check(pipe2(&ends, O_CLOEXEC), "make a pipe")
    readEnd = Handover(Descriptor(owning: ends[0]))
    writeEnd = Handover(Descriptor(owning: ends[1]))
  }
}

/// Passes a value that cannot be copied to another thread. The first caller of `take` owns it. If nobody takes it, it
/// is destroyed with the handover.
package final class Handover<Value: ~Copyable & Sendable>: Sendable {
  private let content: Mutex<Value?>

  package init(_ value: consuming sending Value) { content = Mutex(value) }

  /// nil for all callers but the first.
  package func take() -> Value? { content.withLock { $0.take() } }

  /// For a caller that knows that it is the only one.
  package func takeOnce() -> Value {
    guard let value = take() else { preconditionFailure("a value was taken twice") }
    return value
  }
}
