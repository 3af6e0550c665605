import CLab
import Foundation
import Glibc

/// A program that runs beside the lab. Its log is kept, and can be waited on.
public final class Daemon: Sendable {
  public let arguments: [String]
  public let pid: pid_t
  private let log = LineLog()

  /// Starts a program in a namespace.
  public static func start(
    _ arguments: [String], environment: [String: String] = [:], in namespace: NetworkNamespace
  ) async throws -> Daemon {
    try await namespace.run { try Daemon(arguments, environment) }
  }

  private init(_ arguments: [String], _ environment: [String: String]) throws {
    self.arguments = arguments
    let nothing = try check(open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null")
    var ends: [Int32] = [0, 0]
    try check(pipe2(&ends, O_CLOEXEC), "make a pipe")
    let (readEnd, writeEnd) = (ends[0], ends[1])
    defer {
      close(nothing)
      close(writeEnd)
    }
    let spawn = Spawn(
      arguments: arguments, environment: environment, input: nothing, output: writeEnd, error: writeEnd)
    do {
      pid = try spawn.start()
    } catch {
      close(readEnd)
      throw error
    }
    try startThread("lab log") { [log, pid] in
      log.fill(from: readEnd)
      close(readEnd)
      log.end(pid)
    }
  }

  /// Everything it has written so far.
  public var lines: [String] { log.lines }

  /// Its exit status, or nil while it runs.
  public var status: Int32? { log.status }

  /// The number of lines so far, to wait for something new from here.
  public var mark: Int { log.lines.count }

  /// Waits until a line at or after `mark` satisfies `isWanted`. The end of the program, or two minutes, is an error.
  /// - Returns: the mark of what comes after that line.
  @discardableResult
  public func waitForLine(
    _ what: String, after mark: Int = 0, where isWanted: @escaping @Sendable (String) -> Bool
  ) async throws -> Int {
    let log = log
    return try await onOwnThread { try log.wait(what, after: mark, isWanted) }
  }

  /// Sends a signal, unless it has ended.
  public func send(_ signal: Int32) { log.ifRunning { kill(pid, signal) } }

  /// Waits for its end.
  @discardableResult
  public func waitForEnd() async throws -> Int32 {
    let log = log
    return try await onOwnThread { try log.waitForEnd() }
  }

  /// SIGTERM, and SIGKILL if it does not end within a minute.
  @discardableResult
  public func stop() async -> Int32 {
    send(SIGTERM)
    if let status = try? await waitForEnd() { return status }
    send(SIGKILL)
    return (try? await waitForEnd()) ?? -1
  }

  func kill9() { send(SIGKILL) }
}

/// Lines that a thread collects and others wait for.
private final class LineLog: @unchecked Sendable {
  private let condition = NSCondition()
  private var stored: [String] = []
  private var ended: Int32?
  private var reading = true

  var lines: [String] { condition.withLock { stored } }
  var status: Int32? { condition.withLock { ended } }

  /// Under the lock, so that the pid cannot have been reused.
  func ifRunning(_ body: () -> Void) {
    condition.withLock { if ended == nil { body() } }
  }

  func fill(from descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    var rest: [UInt8] = []
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      rest += buffer.prefix(count)
      while let newline = rest.firstIndex(of: 0x0a) {
        add(String(decoding: rest[..<newline], as: UTF8.self))
        rest.removeSubrange(...newline)
      }
    }
    if !rest.isEmpty { add(String(decoding: rest, as: UTF8.self)) }
  }

  private func add(_ line: String) {
    condition.withLock {
      stored.append(line)
      condition.broadcast()
    }
  }

  /// Waits for the child; reaps it under the lock, as only then its pid can be given to another process.
  func end(_ pid: pid_t) {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    condition.withLock {
      ended = reap(pid)
      condition.broadcast()
    }
  }

  func wait(_ what: String, after mark: Int, _ isWanted: (String) -> Bool) throws(LabError) -> Int {
    condition.lock()
    defer { condition.unlock() }
    let deadline = Date(timeIntervalSinceNow: 120)
    var next = mark
    while true {
      while next < stored.count {
        next += 1
        if isWanted(stored[next - 1]) { return next }
      }
      if ended != nil || !condition.wait(until: deadline) { throw .missed(what: what, log: stored) }
    }
  }

  func waitForEnd() throws(LabError) -> Int32 {
    condition.lock()
    defer { condition.unlock() }
    let deadline = Date(timeIntervalSinceNow: 60)
    while true {
      if let ended { return ended }
      if !condition.wait(until: deadline) { throw .missed(what: "its end", log: stored) }
    }
  }
}
