import Foundation
import Glibc
import System

/// A program that runs beside the lab. Its log is kept, and tests can wait for lines of it.
package final class Daemon: Sendable {
  package let arguments: [String]
  private let process: ChildProcess
  private let log = LineLog()

  /// Starts a program in a namespace.
  package static func start(
    _ arguments: [String], environment: [String: String] = [:], in namespace: NetworkNamespace
  ) async throws -> Daemon {
    try await namespace.run { try Daemon(arguments, environment) }
  }

  private init(_ arguments: [String], _ environment: [String: String]) throws {
    self.arguments = arguments
    let pipe = try System.Pipe()
    let output = pipe.writeEnd.takeOnce()
    let streams = Program.Streams(input: .nothing, output: .given(try output.duplicate()), error: .given(output))
    process = try Program(arguments, environment: environment, hasOwnGroup: true).start(streams)
    let readEnd = pipe.readEnd
    do throws(SystemError) {
      try OwnThread.start("lab log") { [log, process] in
        LineReader.read(readEnd.takeOnce()) { log.add(String(decoding: $0, as: UTF8.self)) }
        log.end(process.wait().code)
      }
    } catch {
      process.kill()
      _ = process.wait()
      throw error
    }
  }

  package var pid: pid_t { process.pid }

  /// All lines that the program has written so far.
  package var lines: [String] { log.lines }

  /// The exit status; nil while the program runs.
  package var status: Int32? { log.status }

  /// The number of lines so far. Pass it to `waitForLine` to skip these lines.
  package var mark: Int { log.count }

  /// Waits until a line after `mark` satisfies `isWanted`. Throws if the program ends, or after two minutes.
  /// - Returns: the mark after that line.
  @discardableResult
  package func waitForLine(
    _ what: String, after mark: Int = 0, where isWanted: @escaping @Sendable (String) -> Bool
  ) async throws -> Int {
    let log = log
    return try await onOwnThread { try log.wait(what, after: mark, isWanted) }
  }

  /// Sends a signal unless the program has ended.
  package func send(_ signal: Int32) { process.send(signal) }

  /// Waits for the end of the program.
  @discardableResult
  package func waitForEnd() async throws -> Int32 {
    let log = log
    return try await onOwnThread { try log.waitForEnd() }
  }

  /// Sends SIGTERM, and SIGKILL if the program does not end within a minute.
  @discardableResult
  package func stop() async -> Int32 {
    send(SIGTERM)
    if let status = try? await waitForEnd() { return status }
    send(SIGKILL)
    return (try? await waitForEnd()) ?? -1
  }

  func kill9() { send(SIGKILL) }
}

/// Lines that one thread collects and other threads wait for.
private final class LineLog: @unchecked Sendable {
  private let condition = NSCondition()
  private var stored: [String] = []
  private var ended: Int32?

  var lines: [String] { condition.withLock { stored } }
  var count: Int { condition.withLock { stored.count } }
  var status: Int32? { condition.withLock { ended } }

  func add(_ line: String) {
    condition.withLock {
      stored.append(line)
      condition.broadcast()
    }
  }

  func end(_ status: Int32) {
    condition.withLock {
      ended = status
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
