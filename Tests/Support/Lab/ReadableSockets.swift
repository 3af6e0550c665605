import CLab
import Glibc
import System

/// Tells which of many descriptors can be read. Unlike with poll(2), the time that a wait takes does not grow with the
/// number of descriptors.
final class ReadableSockets: Sendable {
  private let epoll: Int32

  init() throws(SystemError) {
    epoll = try SystemError.check(epoll_create1(Int32(EPOLL_CLOEXEC)), "make an epoll instance")
  }

  deinit { close(epoll) }

  func add(_ descriptor: Int32) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.fd = descriptor
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
  }

  /// Call this before the descriptor is closed. While a program is being started, its process has a copy of every
  /// descriptor, so closing alone would not end the events.
  func remove(_ descriptor: Int32) { epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil) }

  /// Blocks until there are some. A signal ends it with none.
  func wait() -> [Int32] {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
      let count = epoll_wait(epoll, events.baseAddress!, Int32(events.count), -1)
      return events.prefix(Int(max(count, 0))).map(\.data.fd)
    }
  }
}
