import Glibc
import System

/// Reads events of an inotify instance until `stop` is signalled.
struct InotifyReader: Sendable {
  let descriptor: Int32
  let stop: PollWakeUp
  let watches: InotifyWatches
  let counter: ChangeCounter

  func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 8)
    defer {
      buffer.deallocate()
      close(descriptor)
      counter.finish()
    }
    while stop.waitForInput(of: descriptor) {
      var isChange = false
      while case let count = read(descriptor, buffer.baseAddress, buffer.count), count > 0 {
        // The kind of change does not matter, because all files are read again and compared.
        if isInteresting(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { isChange = true }
      }
      if isChange { counter.increment() }
    }
  }

  private func isInteresting(_ events: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset + MemoryLayout<inotify_event>.size <= events.count {
      let event = events.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
      let start = offset + MemoryLayout<inotify_event>.size
      offset = start + Int(event.len)
      if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
      if event.mask & UInt32(IN_IGNORED) != 0 { continue }
      let name = String(decoding: events[start..<min(offset, events.count)].prefix { $0 != 0 }, as: UTF8.self)
      if watches.isInterested(in: name, of: event.wd) { return true }
    }
    return false
  }
}
