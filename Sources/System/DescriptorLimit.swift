import Glibc

/// How many file descriptors this process may have.
public enum DescriptorLimit {
  /// Lifts the soft limit to the hard one, as Go programs do: the soft one is for programs that use select(2).
  public static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    limit.rlim_cur = limit.rlim_max
    // If the kernel refuses, the soft limit stays in force.
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
