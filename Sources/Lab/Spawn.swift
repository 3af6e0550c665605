import Glibc

/// How a program is started: its words, what is added to its environment, and its three standard descriptors.
struct Spawn {
  var arguments: [String]
  var environment: [String: String] = [:]
  var input: Int32
  var output: Int32
  var error: Int32
  /// Keeps a terminal's SIGINT away, so that the lab decides who ends when.
  var ownGroup = true

  /// Starts it in the calling thread's network namespace.
  func start() throws(LabError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (from, to) in [(input, 0), (output, 1), (error, 2)] as [(Int32, Int32)] {
      posix_spawn_file_actions_adddup2(&actions, from, to)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The caller may block or ignore signals that the program relies on.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    posix_spawnattr_setpgroup(&attributes, 0)

    var words = arguments.map { strdup($0) } + [nil]
    var variables = mergedEnvironment().map { strdup($0) } + [nil]
    defer {
      for pointer in words + variables { free(pointer) }
    }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, words[0]!, &actions, &attributes, &words, &variables)
    guard result == 0 else { throw .system(action: "start \(arguments.joined(separator: " "))", code: result) }
    return pid
  }

  private func mergedEnvironment() -> [String] {
    var inherited: [String] = []
    var next = environ
    while let entry = next.pointee {
      inherited.append(String(cString: entry))
      next += 1
    }
    let kept = inherited.filter { entry in !environment.keys.contains { entry.hasPrefix("\($0)=") } }
    return kept + environment.map { "\($0.key)=\($0.value)" }
  }
}

/// Waits for a child's end: its exit status, or 128 and its signal.
func reap(_ pid: pid_t) -> Int32 {
  var status: Int32 = 0
  while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  let signal = status & 0x7f
  return signal == 0 ? status >> 8 & 0xff : 128 + signal
}
