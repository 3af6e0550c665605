import Glibc
import Synchronization
import System

/// A request of another thread to the server's thread.
enum ServerCommand: Sendable {
  case open(HTTPServer.Listener, [CInt], HTTPServer.Handler)
  case close(HTTPServer.Listener, CheckedContinuation<Void, Never>)
  case answer(ServerLoop.ConnectionID, HTTPResponse)
  case stop
}

/// Passes commands to a thread that waits in `poll`.
final class ServerMailbox: Sendable {
  private let commands = Mutex<[ServerCommand]>([])
  /// poll(2) reports its descriptor as readable while commands wait.
  let wakeUp: PollWakeUp

  init() throws(ListenError) {
    do throws(SystemError) {
      wakeUp = try PollWakeUp()
    } catch {
      throw ListenError(address: nil, step: .wake, code: error.code)
    }
  }

  func post(_ command: ServerCommand) {
    commands.withLock { $0.append(command) }
    wakeUp.signal()
  }

  func take() -> [ServerCommand] {
    wakeUp.clear()
    return commands.withLock { waiting in
      defer { waiting.removeAll() }
      return waiting
    }
  }
}
