#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Standard input, output and error as a parent may have left them.
enum StandardStreams {
  /// Makes sure that all three are open.
  ///
  /// One that is closed at the start is taken by the first thing that is opened, which is something of the runtime's, before
  /// any code of ours: log lines would then be written into that. There is no taking it back, so the program starts anew,
  /// with /dev/null in its place.
  static func ensureOpen() {
    let missing = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].filter { !isStream($0) }
    guard !missing.isEmpty else { return }
    let null = open("/dev/null", O_RDWR)
    guard null >= 0 else { return }
    for descriptor in missing where descriptor != null { dup2(null, descriptor) }
    if null > STDERR_FILENO { close(null) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    // The runtime's own is gone now.
    _exit(1)
  }

  /// Whether a parent can have given it: eventfd(2), epoll(7) and the like have no type of file.
  private static func isStream(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != 0
  }
}
