import Logging
import Synchronization

/// Keeps log entries. Tests can read them or wait for one.
package final class LogCollector: Sendable {
  package struct Entry: Sendable {
    package let level: Logger.Level
    package let message: String
    package let metadata: Logger.Metadata
  }

  private let level: Logger.Level
  private let onEntry: @Sendable (Entry) -> Void
  private let state = Mutex<[Entry]>([])
  private let stream: AsyncStream<Entry>
  private let sink: AsyncStream<Entry>.Continuation

  /// - Parameter onEntry: called on the thread that logs. That thread waits until it returns.
  package init(from level: Logger.Level = .trace, onEntry: @escaping @Sendable (Entry) -> Void = { _ in }) {
    self.level = level
    self.onEntry = onEntry
    (stream, sink) = AsyncStream.makeStream()
  }

  package var entries: [Entry] { state.withLock { $0 } }
  package var messages: [String] { entries.map(\.message) }

  package var logger: Logger { Logger(label: "test") { _ in Handler(collector: self, logLevel: level) } }

  /// The first entry that `matches`. Entries up to the result of the last call are skipped.
  package func next(where matches: (Entry) -> Bool) async -> Entry? {
    for await entry in stream where matches(entry) { return entry }
    return nil
  }

  /// The same for an entry whose message contains `text`.
  @discardableResult
  package func next(with text: String) async -> Entry? { await next { $0.message.contains(text) } }

  private struct Handler: LogHandler {
    let collector: LogCollector
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let entry = Entry(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
      collector.state.withLock { $0.append(entry) }
      collector.sink.yield(entry)
      collector.onEntry(entry)
    }
  }
}
