import Logging
import Synchronization

/// Keeps the messages that are logged, for a test to wait for.
final class MessageLog: Sendable {
  private let state = Mutex<[String]>([])
  private let stream: AsyncStream<String>
  private let sink: AsyncStream<String>.Continuation

  init() { (stream, sink) = AsyncStream.makeStream() }

  var messages: [String] { state.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  /// Waits for a message that contains `text`, from the last one waited for on.
  func wait(for text: String) async {
    for await message in stream where message.contains(text) { return }
  }

  private struct Handler: LogHandler {
    let log: MessageLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let message = "\(event.message)"
      log.state.withLock { $0.append(message) }
      log.sink.yield(message)
    }
  }
}
