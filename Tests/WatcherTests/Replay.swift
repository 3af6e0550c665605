import Doubles
import Fixtures
import Foundation
import HTTP
import KubernetesAPI
import Testing

@testable import Watcher

/// Gives recorded answers to a reflector one after the other, and collects its events and requests.
struct Replay {
  struct Outcome {
    var events: [ClusterEvent]
    /// Targets of the requests, in order, the one after the last recording included.
    var requests: [String]
    var status: WatchStatus
    /// How often the credentials were renewed.
    var refreshes: Int
  }

  var resource = ResourceKind.service
  var pieceSize = 16_384
  var clock = PromptClock()

  /// Ends when everything is answered and the next request has been made.
  func run(_ answers: [MemoryTransport.Answer]) async -> Outcome {
    let left = Remaining(answers)
    let transport = MemoryTransport(pieceSize: pieceSize) { _ in left.take() ?? .silence }
    let channel = ClusterEventChannel(limit: .max)
    let watcher = ClusterWatcher(
      transport: transport, nodeName: "kind-worker", output: channel, logger: .silent, resources: [resource],
      clock: clock, random: { 0.5 })
    let running = Task { await watcher.run() }
    await transport.requests { $0.count > answers.count }
    running.cancel()
    await running.value
    channel.finish()
    var events: [ClusterEvent] = []
    while case let batch = await channel.next(), !batch.isEmpty { events += batch }
    return Outcome(
      events: events, requests: transport.requests.map(\.target), status: watcher.status[0],
      refreshes: transport.refreshCount)
  }

  private final class Remaining: @unchecked Sendable {
    // @unchecked: guarded by `lock`.
    private let lock = NSLock()
    private var answers: ArraySlice<MemoryTransport.Answer>
    init(_ answers: [MemoryTransport.Answer]) { self.answers = answers[...] }
    func take() -> MemoryTransport.Answer? { lock.withLock { answers.popFirst() } }
  }
}

/// Recordings of a real API server.
enum Recordings {
  private static let folder = Fixtures.apiServer

  /// The answer with that name: status and headers from one file, the body from the other.
  static func answer(_ name: String) throws -> MemoryTransport.Answer {
    let head = try String(contentsOf: folder.appending(path: "\(name).headers.txt"), encoding: .utf8)
    let lines = head.split(whereSeparator: \.isNewline).map(String.init)
    let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    var headers: HTTPHeaders = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[.init(String(parts[0]))] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    for suffix in ["json", "jsonl", "pb", "json.gz", "txt"] {
      if let body = try? Data(contentsOf: folder.appending(path: "\(name).body.\(suffix)")) {
        return .response(status: status, headers: headers, body: Array(body))
      }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// The text of a file of recordings.
  static func text(_ file: String) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }
}
