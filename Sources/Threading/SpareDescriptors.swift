import Glibc

/// File descriptors that a process may still open.
public enum SpareDescriptors {
  /// Too few are left; `code` is the errno of the attempt to get one.
  public struct Shortage: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    public var description: String { "too few file descriptors: \(String(cString: strerror(code)))" }
  }

  /// More than a child process takes to start, twice.
  public static let forChildProcess = 32

  /// Throws unless this many can be opened now.
  ///
  /// swift-subprocess (1.0.2) ends the whole process where it gets some of the descriptors that it needs but not all.
  public static func check(_ count: Int = forChildProcess) throws(Shortage) {
    let first = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard first >= 0 else { throw Shortage(code: errno) }
    var opened = [first]
    defer { for descriptor in opened { close(descriptor) } }
    while opened.count < count {
      let next = fcntl(first, F_DUPFD_CLOEXEC, 0)
      guard next >= 0 else { throw Shortage(code: errno) }
      opened.append(next)
    }
  }

  /// Lifts the soft limit to the hard one, as Go programs do: the soft one is for programs that use select(2).
  public static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    limit.rlim_cur = limit.rlim_max
    // What cannot be had is done without.
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
