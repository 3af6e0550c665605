import Glibc

/// The limit of open file descriptors of this process.
package enum DescriptorLimit {
  /// Raises the soft limit to the hard limit, as Go programs do. The lower soft limit exists for programs that use
  /// select(2).
  package static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    limit.rlim_cur = limit.rlim_max
    // If the kernel refuses, the soft limit stays as it is.
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
