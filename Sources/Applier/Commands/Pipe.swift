import CLinux
import Glibc
import Threading

/// A pipe whose ends no other child process inherits.
struct Pipe: Sendable {
  let readEnd: Int32
  let writeEnd: Int32

  init(for command: String) throws(CommandError) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else {
      throw CommandError(command: command, cause: .notStarted("pipe: \(String(cString: strerror(errno)))"))
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  /// Starts the thread that works on one end. Where there is none to be had, both ends are closed.
  func spawn<Result: Sendable>(
    _ name: String, for command: String, _ body: @escaping @Sendable () -> Result
  ) throws(CommandError) -> OwnThread.Running<Result> {
    do {
      return try OwnThread.spawn(name, body)
    } catch {
      close(readEnd)
      close(writeEnd)
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
  }
}

/// Reads a descriptor to its end, line by line, and closes it.
struct LineReader {
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func run(_ line: (ArraySlice<UInt8>) -> Void) {
    defer { close(descriptor) }
    var rest: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      var start = 0
      for index in 0..<count where buffer[index] == 0x0a {
        if rest.isEmpty {
          line(buffer[start..<index])
        } else {
          rest += buffer[start..<index]
          line(rest[...])
          rest.removeAll(keepingCapacity: true)
        }
        start = index + 1
      }
      rest += buffer[start..<count]
    }
    if !rest.isEmpty { line(rest[...]) }
  }
}
