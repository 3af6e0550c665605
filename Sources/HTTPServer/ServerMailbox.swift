import CLinux
import Glibc
import Synchronization

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
  /// An eventfd(2), readable while commands wait.
  let wakeup: CInt

  init() throws(ListenError) {
    wakeup = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard wakeup >= 0 else {
      throw ListenError(address: nil, step: .wake, code: errno, cause: String(cString: strerror(errno)))
    }
  }

  deinit { close(wakeup) }

  func post(_ command: ServerCommand) {
    commands.withLock { $0.append(command) }
    eventfd_write(wakeup, 1)
  }

  func take() -> [ServerCommand] {
    var count: eventfd_t = 0
    eventfd_read(wakeup, &count)
    return commands.withLock { waiting in
      defer { waiting.removeAll() }
      return waiting
    }
  }
}
