import Dispatch
import Doubles
import Foundation
import HTTP
import KubernetesAPI
import Logging
import ProtobufFixture
import System
import Testing

@testable import Watcher

/// What the API server sends is decoded on the watcher's own thread.
@Suite(.timeLimit(.minutes(1))) struct OwnThreadTests {
  /// Holds each watcher's own thread that logs until `gate` opens. It does not hold a thread of the pool, because then
  /// a test that fails would not end.
  private final class Holder: Sendable {
    let threads = Watched<[String]>([])
    let gate = DispatchSemaphore(value: 0)

    func hold(_ entry: LogCollector.Entry) {
      let comm = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? "unknown"
      let name = comm.trimmingCharacters(in: .newlines)
      threads.withLock { $0.append(name) }
      if name == "watch" { gate.wait() }
    }
  }

  /// As many watchers as there are cores are held in the middle of an answer. The pool has only that many threads.
  @Test(arguments: [true, false])
  func `decoding does not hold up the cooperative pool`(_ speaksProtobuf: Bool) async throws {
    let holder = Holder()
    let log = LogCollector(from: .warning, onEntry: holder.hold)
    let event = #"{"type":"ADDED","object":\#(ServiceJSON.text("odd", clusterIP: "no-address", version: "5"))}"#
    let body = speaksProtobuf ? try ProtobufEncoder.frame(json: Data(event.utf8)) : Array(event.utf8)
    let type = speaksProtobuf ? "application/vnd.kubernetes.protobuf;stream=watch" : "application/json"
    let count = ProcessInfo.processInfo.activeProcessorCount
    let running = (0..<count).map { _ in
      let answers = AnswerOnce(.response(status: 200, headers: ["content-type": type], body: body))
      let watcher = ClusterWatcher(
        transport: MemoryTransport { _ in answers.take() }, nodeName: "n", output: ClusterEventChannel(),
        logger: log.logger, resources: [.service], clock: PromptClock())
      return Task { await watcher.run() }
    }
    await holder.threads.until { $0.count >= count }
    #expect(await Task.detached { 1 }.value == 1)
    #expect(holder.threads.withLock { Set($0) } == ["watch"])

    for task in running { task.cancel() }
    // Each watcher logs a second line, because its watch ends too early.
    for _ in 0..<(2 * count) { holder.gate.signal() }
    for task in running { await task.value }
  }
}

/// An answer to the first request, and none to the others.
private final class AnswerOnce: Sendable {
  private let answer: Watched<MemoryTransport.Answer?>
  init(_ answer: MemoryTransport.Answer) { self.answer = Watched(answer) }

  func take() -> MemoryTransport.Answer {
    answer.withLock { answer in
      defer { answer = nil }
      return answer ?? .silence
    }
  }
}
