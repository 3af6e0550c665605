import Glibc

/// A program that is run to its end by the calling thread, in that thread's network namespace.
struct ChildProcess {
  /// How it ended, and what it took.
  struct End {
    var status: Int32
    /// From its start to its end.
    var time: Duration
    /// Largest resident memory, in bytes.
    var peakMemory: Int
  }

  var arguments: [String]
  var environment: [String: String] = [:]
  var input: Int32?
  var output: Int32?
  var error: Int32?

  /// Runs it; any exit status is a result, 128 and more for a signal.
  func run() throws(BenchmarkError) -> End {
    let clock = ContinuousClock()
    let start = clock.now
    let pid = try spawn()
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 {
      if errno != EINTR { throw .system(action: "wait for \(arguments[0])", code: errno) }
    }
    let signal = status & 0x7f
    return End(
      status: signal == 0 ? status >> 8 & 0xff : 128 + signal, time: clock.now - start,
      peakMemory: usage.ru_maxrss * 1024)
  }

  /// Runs it and throws what it said unless it ended well.
  @discardableResult
  func succeed() throws(BenchmarkError) -> End {
    let errors = try MemoryFile("errors")
    var child = self
    child.error = errors.descriptor
    let end = try child.run()
    guard end.status == 0 else {
      throw .program(
        command: arguments.joined(separator: " "), status: end.status, output: String(try errors.readAll().prefix(2000))
      )
    }
    return end
  }

  private func spawn() throws(BenchmarkError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in [input, output].enumerated() {
      if let descriptor {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
      } else {
        posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
      }
    }
    if let error { posix_spawn_file_actions_adddup2(&actions, error, 2) }

    var words = arguments.map { strdup($0) } + [nil]
    var variables = Environment.merged(environment).map { strdup($0) } + [nil]
    defer {
      for pointer in words + variables { free(pointer) }
    }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, words[0]!, &actions, nil, &words, &variables)
    guard result == 0 else { throw .system(action: "start \(arguments[0])", code: result) }
    return pid
  }
}

/// The environment that children get.
enum Environment {
  static func merged(_ added: [String: String]) -> [String] {
    var inherited: [String] = []
    var next = environ
    while let entry = next.pointee {
      inherited.append(String(cString: entry))
      next += 1
    }
    let kept = inherited.filter { entry in !added.keys.contains { entry.hasPrefix("\($0)=") } }
    return kept + added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
