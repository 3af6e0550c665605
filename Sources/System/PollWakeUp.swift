import CLinux
import Glibc

/// Wakes a thread that waits in poll(2): an eventfd(2).
package final class PollWakeUp: Sendable {
  private let file: Descriptor
  /// poll(2) reports it as readable from `signal` until `clear`.
  package var descriptor: Int32 { file.number }

  package init() throws(SystemError) {
    let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    file = Descriptor(owning: try SystemError.check(number, "open an eventfd"))
  }

  package func signal() { eventfd_write(descriptor, 1) }

  package func clear() {
    var count: eventfd_t = 0
    eventfd_read(descriptor, &count)
  }

  /// Blocks until `input` can be read. Returns false after `signal`, or if the kernel cannot wait.
  package func waitForInput(of input: Int32) -> Bool {
    while true {
      var polled = [input, descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let count = poll(&polled, 2, -1)
      if count < 0 && errno == EINTR { continue }
      return count > 0 && polled[1].revents == 0
    }
  }
}
