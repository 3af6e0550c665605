import Glibc

/// Standard input, output and error as a parent may have left them.
enum StandardStreams {
  /// Makes sure that all three are open.
  ///
  /// If a parent closed one of them, the Swift runtime opens a descriptor of its own under that number before our code
  /// runs, and log lines would be written into it. The program cannot undo that, so it executes itself again with
  /// /dev/null in its place.
  static func ensureOpen() {
    let missing = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].filter { !isStream($0) }
    guard !missing.isEmpty else { return }
    let null = open("/dev/null", O_RDWR)
    guard null >= 0 else { return }
    for descriptor in missing where descriptor != null { dup2(null, descriptor) }
    if null > STDERR_FILENO { close(null) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    // execv failed. The runtime's descriptor is replaced already, so the program cannot go on.
    _exit(1)
  }

  /// Whether a parent can have passed this descriptor. The descriptors of eventfd(2) and epoll(7), which the runtime
  /// opens, have no file type.
  private static func isStream(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != 0
  }
}
