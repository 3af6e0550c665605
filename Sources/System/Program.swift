import CLinux
import Glibc

/// A program to start: its arguments and its additions to the environment.
package struct Program: Sendable {
  /// The first is a path, or a name that is searched in PATH.
  package var arguments: [String]
  /// Added to the environment of this process.
  package var environment: [String: String] = [:]
  /// Whether the program gets its own process group. Then a terminal's SIGINT does not reach it, and `kill` also kills
  /// the processes that it started.
  package var hasOwnGroup = false
  /// The priority of the program, and of the thread that `run` uses for it.
  package var priority = ThreadPriority.normal

  package init(_ arguments: [String], environment: [String: String] = [:], hasOwnGroup: Bool = false) {
    self.arguments = arguments
    self.environment = environment
    self.hasOwnGroup = hasOwnGroup
  }

  /// What the program gets as a standard stream.
  package enum Stream: ~Copyable, Sendable {
    /// `/dev/null`.
    case nothing
    /// The stream of this process.
    case inherited
    case given(Descriptor)
  }

  /// The three standard streams. `start` closes the given descriptors in this process, whether or not a process was
  /// started.
  package struct Streams: ~Copyable, Sendable {
    var input: Stream
    var output: Stream
    var error: Stream

    package init(input: consuming Stream, output: consuming Stream, error: consuming Stream) {
      self.input = input
      self.output = output
      self.error = error
    }
  }

  /// Starts the program in the calling thread's network namespace. All signals have their default action, and the
  /// program has no other descriptors than its standard streams.
  package func start(_ streams: consuming Streams) throws(ProcessNotStarted) -> ChildProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Keep the descriptors open until the process has started.
    let input = try Program.connect(streams.input, to: 0, &actions, self)
    let output = try Program.connect(streams.output, to: 1, &actions, self)
    let error = try Program.connect(streams.error, to: 2, &actions, self)
    // A library may open descriptors without O_CLOEXEC; libcurl does so with its sockets.
    skp_add_close_from(&actions, 3)
    defer {
      extendLifetime(input)
      extendLifetime(output)
      extendLifetime(error)
    }
    // posix_spawn returns after the exec, and a short program may have ended by then.
    let start = ContinuousClock.now
    let pid = try spawn(&actions)
    return ChildProcess(pid, since: start, ownsGroup: hasOwnGroup)
  }

  /// Adds a stream to `actions`. Returns the descriptor that has to stay open until the program has started.
  private static func connect(
    _ stream: consuming Stream, to target: Int32, _ actions: inout posix_spawn_file_actions_t, _ program: Program
  ) throws(ProcessNotStarted) -> Descriptor? {
    switch consume stream {
    case .inherited: return nil
    case .nothing:
      posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
      return nil
    case .given(let descriptor):
      // If this process was started without standard streams, `descriptor` may have one of their numbers. Then move it
      // to a higher number, because another stream will get this number in the child.
      let source = descriptor.number > 2 ? descriptor : try program.duplicate(descriptor)
      posix_spawn_file_actions_adddup2(&actions, source.number, target)
      return source
    }
  }

  private func duplicate(_ descriptor: borrowing Descriptor) throws(ProcessNotStarted) -> Descriptor {
    do throws(SystemError) {
      return try descriptor.duplicate()
    } catch {
      throw ProcessNotStarted(self, error)
    }
  }

  private func spawn(_ actions: inout posix_spawn_file_actions_t) throws(ProcessNotStarted) -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This process may block or ignore signals that the program needs.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let group = hasOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
    posix_spawnattr_setpgroup(&attributes, 0)
    var words = arguments.map { strdup($0) } + [nil]
    var variables = Program.environment(adding: environment).map { strdup($0) } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    guard let name = words[0] else {
      throw ProcessNotStarted(self, SystemError(action: "find a program", code: EINVAL))
    }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, name, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw ProcessNotStarted(self, SystemError(action: "start a process", code: code)) }
    return pid
  }

  private static func environment(adding added: [String: String]) -> [String] {
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

/// Why no process was started. For a started process, ``ProcessEnd`` says how it ended.
package struct ProcessNotStarted: Error, Hashable, Sendable, CustomStringConvertible {
  package let program: String
  package let cause: SystemError

  package init(_ program: Program, _ cause: SystemError) {
    self.program = program.arguments.first ?? ""
    self.cause = cause
  }

  /// Whether the program does not exist.
  package var isNotFound: Bool { cause.code == ENOENT }

  package var description: String { "\(program) was not started: \(cause)" }
}
