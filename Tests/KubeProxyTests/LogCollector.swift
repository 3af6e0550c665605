import Logging
import Synchronization

/// Keeps what is logged, for tests to look at or wait for.
final class LogCollector: Sendable {
  struct Entry: Sendable {
    let level: Logger.Level
    let message: String
    let metadata: Logger.Metadata
  }

  private let state = Mutex<[Entry]>([])
  private let stream: AsyncStream<Entry>
  private let sink: AsyncStream<Entry>.Continuation

  init() { (stream, sink) = AsyncStream.makeStream() }

  var entries: [Entry] { state.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }

  /// The first entry from here on that `matches`.
  func next(where matches: (Entry) -> Bool) async -> Entry? {
    for await entry in stream where matches(entry) { return entry }
    return nil
  }

  private struct Handler: LogHandler {
    let collector: LogCollector
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let entry = Entry(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
      collector.state.withLock { $0.append(entry) }
      collector.sink.yield(entry)
    }
  }
}
