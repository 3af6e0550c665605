import CCurl
import Glibc
import Synchronization
import System
import Time

/// The single thread that runs libcurl: all transfers, in one pool of connections. All writes happen on this thread,
/// and `OwnThread` blocks SIGPIPE. If the peer has closed a connection, a write therefore returns an error code and
/// does not end the process.
final class CurlLoop: @unchecked Sendable {
  // @unchecked: a lock protects `shared`. `thread` does not change after `init`. Only the thread uses everything else.
  enum Command: Sendable {
    case start(CurlTransfer)
    case resume(id: Int)
    case cancel(id: Int)
    case stop
  }

  private struct Shared: @unchecked Sendable {
    var commands: [Command] = []
    /// Used only to wake the thread. nil after the end.
    var multi: UnsafeMutableRawPointer?
    var nextID = 0
  }

  private let shared: Mutex<Shared>
  private var multi: UnsafeMutableRawPointer
  private var transfers: [Int: CurlTransfer] = [:]
  /// When a transfer that is no longer running last received bytes.
  private var lastReceivedBefore = Moment.distantPast
  private(set) var thread: OwnThread.Running<Void>?

  /// - Throws: `SystemError` if the thread cannot be started.
  init() throws {
    curl_global_init(Int(CURL_GLOBAL_ALL))
    multi = Self.makeMulti()
    shared = Mutex(Shared(multi: multi))
    do {
      thread = try OwnThread.spawn("api-server") { self.run() }
    } catch {
      curl_multi_cleanup(multi)
      throw error
    }
  }

  func newID() -> Int {
    shared.withLock { shared in
      shared.nextID += 1
      return shared.nextID
    }
  }

  /// May be called on any thread. After `stop`, a new transfer ends immediately with `.cancelled`.
  func post(_ command: Command) {
    let isTaken = shared.withLock { shared in
      guard let multi = shared.multi else { return false }
      shared.commands.append(command)
      curl_multi_wakeup(multi)
      return true
    }
    if !isTaken, case .start(let transfer) = command { transfer.channel?.finish(.failure(.cancelled)) }
  }

  private static func makeMulti() -> UnsafeMutableRawPointer {
    guard let multi = curl_multi_init() else { fatalError("curl_multi_init: out of memory") }
    ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    // One connection per watch if the server has no HTTP/2, one for events and one spare.
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 6)
    return multi
  }

  // MARK: The thread

  private func run() {
    while true {
      let commands = shared.withLock { shared in
        defer { shared.commands = [] }
        return shared.commands
      }
      for command in commands where !perform(command) { return close() }
      var running: CInt = 0
      curl_multi_perform(multi, &running)
      finishDone()
      let wait = expire()
      curl_multi_poll(multi, nil, 0, wait, nil)
    }
  }

  /// Returns false if the thread has to stop.
  private func perform(_ command: Command) -> Bool {
    switch command {
    case .start(let transfer):
      transfers[transfer.id] = transfer
      curl_multi_add_handle(multi, transfer.easy)
    case .resume(let id):
      guard let transfer = transfers[id] else { break }
      transfer.waitsAgain()
      curl_easy_pause(transfer.easy, ccurl_pause_cont())
    case .cancel(let id):
      if let transfer = transfers[id] { remove(transfer) }
    case .stop: return false
    }
    return true
  }

  private func remove(_ transfer: CurlTransfer) {
    curl_multi_remove_handle(multi, transfer.easy)
    transfers[transfer.id] = nil
    lastReceivedBefore = max(lastReceivedBefore, transfer.lastReceived)
  }

  private func finishDone() {
    var left: CInt = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = CurlTransfer.of(easy)
      else { continue }
      let code = message.pointee.data.result
      remove(transfer)
      transfer.finish(code)
    }
  }

  /// Ends a transfer whose time limit has passed. Returns the milliseconds until the next limit, at most a minute.
  private func expire() -> CInt {
    let now = Moment.now()
    var next = now.advanced(by: .seconds(60))
    for transfer in transfers.values {
      guard let (time, error) = transfer.deadline else { continue }
      if time > now {
        next = min(next, time)
        continue
      }
      remove(transfer)
      transfer.channel?.finish(.failure(error))
      if error != .cancelled { forgetConnections(ifSilentSince: transfer.waitingSince, error) }
      return 0
    }
    return now.milliseconds(until: next)
  }

  /// Called after one transfer ended because of silence. If no transfer has received anything since `time`, the
  /// connections are probably dead. All of them are closed, so the next request opens a new one. A request that was
  /// sent since then proves nothing: on a dead connection it stays unanswered.
  private func forgetConnections(ifSilentSince time: Moment, _ error: HTTPError) {
    guard transfers.values.map(\.lastReceived).reduce(lastReceivedBefore, max) <= time else { return }
    for transfer in transfers.values {
      remove(transfer)
      transfer.channel?.finish(.failure(error))
    }
    let fresh = Self.makeMulti()
    shared.withLock { $0.multi = fresh }
    curl_multi_cleanup(multi)
    multi = fresh
  }

  private func close() {
    let late = shared.withLock { shared in
      shared.multi = nil
      defer { shared.commands = [] }
      return shared.commands
    }
    for case .start(let transfer) in late { transfer.channel?.finish(.failure(.cancelled)) }
    for transfer in transfers.values {
      remove(transfer)
      transfer.channel?.finish(.failure(.cancelled))
    }
    curl_multi_cleanup(multi)
  }
}
