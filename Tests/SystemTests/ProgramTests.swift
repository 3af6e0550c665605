import Glibc
import System
import Testing

/// Processes: how they are started, what they inherit, how they end.
@Suite(.timeLimit(.minutes(1))) struct ProgramTests {
  private static func shell(_ script: String) -> Program { Program(["sh", "-c", script]) }
  private static func streams(output: consuming Program.Stream = .nothing) -> Program.Streams {
    Program.Streams(input: .nothing, output: output, error: .nothing)
  }

  @Test(arguments: [
    ("exit 0", ProcessEnd.Status.exited(0), 0), ("exit 3", .exited(3), 3),
    ("kill -KILL $$", .signalled(SIGKILL), 128 + SIGKILL),
    // The thread that starts it blocks this signal.
    ("kill -PIPE $$", .signalled(SIGPIPE), 128 + SIGPIPE),
  ])
  func `the result has the exit status or the signal`(script: String, status: ProcessEnd.Status, code: Int32)
    async throws
  {
    let end = try await Self.shell(script).run(Self.streams())
    #expect(end.status == status)
    #expect(end.code == code)
    #expect(end.peakMemory > 0)
  }

  @Test func `an end that the kernel does not report is no success`() async throws {
    // The kernel reaps a child in the same way if SIGCHLD is ignored.
    let end = try await Self.shell("exit 0").run(Self.streams()) { child in
      _ = waitpid(child.pid, nil, 0)
    }
    #expect(end.status == ProcessEnd.Status.unknown(ECHILD))
    #expect(end.code == 127)
  }

  @Test func `only the standard streams are inherited`() async throws {
    let output = try MemoryFile("output")
    // Libraries open descriptors without O_CLOEXEC.
    let open = Descriptor(owning: dup(try output.duplicate().number))
    _ = try await Self.shell("for i in /proc/$$/fd/*; do [ ${i##*/} -gt 2 ] && readlink $i; done; true").run(
      Self.streams(output: .given(try output.duplicate())))
    #expect(try output.text() == "")
    extendLifetime(open)
  }

  @Test func `it reads and writes files`() async throws {
    let input = try MemoryFile("input", holding: "in\n".utf8)
    let output = try MemoryFile("output")
    let streams = Program.Streams(
      input: .given(try input.duplicate()), output: .given(try output.duplicate()), error: .nothing)
    _ = try await Self.shell("cat; echo $WORD").with(["WORD": "word"]).run(streams)
    #expect(try output.text() == "in\nword\n")
  }

  @Test func `of endless output only the first bytes are kept`() async throws {
    let output = try MemoryFile("output", limit: 4096)
    let end = try await Self.shell("printf '%08192d' 7; printf '%08192d' 7; exit 3").run(
      Self.streams(output: .given(try output.duplicate())))
    #expect(try output.text() == String(repeating: "0", count: 4096))
    #expect(output.isFull)
    #expect(end.status == .exited(3))
  }

  @Test func `lines are passed on while it runs`() async throws {
    let pipe = try Pipe()
    let readEnd = pipe.readEnd
    let lines = Watched<[String]>([])
    _ = try await Self.shell("printf 'one\\n\\ntwo'").run(Self.streams(output: .given(pipe.writeEnd.takeOnce()))) { _ in
      LineReader.read(readEnd.takeOnce()) { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
      }
    }
    #expect(lines.withLock { $0 } == ["one", "", "two"])
  }

  @Test func `a program that is not there is not started and its streams are closed`() async throws {
    let pipe = try Pipe()
    let streams = Handover(
      Program.Streams(input: .given(pipe.readEnd.takeOnce()), output: .nothing, error: .nothing))
    let error = await #expect(throws: ProcessNotStarted.self) {
      try await Program(["/nowhere/no-such-program"]).run(streams.takeOnce())
    }
    #expect(error?.isNotFound == true)
    #expect(error?.description.contains("was not started") == true)
    // This ends when no process has the other end any more. A process that another test is starting may have it for a
    // moment.
    let writeEnd = pipe.writeEnd
    let events = try await OwnThread.run("poll") {
      let end = writeEnd.takeOnce()
      var polled = pollfd(fd: end.number, events: 0, revents: 0)
      poll(&polled, 1, -1)
      return polled.revents
    }
    #expect(events == Int16(POLLERR))
  }

  @Test(arguments: [
    (["/dev/null"], EACCES, "no right to execute it"), (["/tmp"], EACCES, "a directory"),
    (["/proc/self/status/sh"], ENOTDIR, "a file in its path"),
    (["/nowhere/no-such-program"], ENOENT, "no such file"), (["no-such-program-in-path"], ENOENT, "no such name"),
    (["sh", String(repeating: "x", count: 1 << 18)], E2BIG, "an argument over the kernel's limit of 128 KiB"),
    ([], EINVAL, "no name at all"),
  ])
  func `a program that the kernel does not start gives the kernel's error`(
    words: [String], code: Int32, reason: String
  ) async throws {
    let error = await #expect(throws: ProcessNotStarted.self, "\(reason)") {
      try await Program(words).run(Self.streams())
    }
    #expect(error?.cause.code == code, "\(reason)")
    #expect(error?.isNotFound == (code == ENOENT))
  }

  @Test func `cancelling the task kills it with what it started`() async throws {
    let pipe = try Pipe()
    let readEnd = pipe.readEnd
    let output = pipe.writeEnd.takeOnce()
    let started = Watched(false)
    let streams = Handover(Self.streams(output: .given(output)))
    let program = Program(["sh", "-c", "trap '' TERM; sleep 600 & echo; wait; sleep 600"], hasOwnGroup: true)
    let task = Task {
      try await program.run(streams.takeOnce()) { _ in
        // The end of the output comes when the last of them is gone.
        LineReader.read(readEnd.takeOnce()) { _ in started.withLock { $0 = true } }
      }
    }
    await started.until { $0 }
    task.cancel()
    #expect(try await task.value.status == .signalled(SIGKILL))
  }

  @Test func `a cancelled task starts nothing`() async throws {
    let isLetGo = Watched(false)
    let output = try MemoryFile("output")
    let streams = Handover(Self.streams(output: .given(try output.duplicate())))
    let task = Task {
      await isLetGo.waitAnyway { $0 ? true : nil }
      return try await Self.shell("echo started").run(streams.takeOnce())
    }
    task.cancel()
    isLetGo.withLock { $0 = true }
    await #expect(throws: ProcessNotStarted.self) { try await task.value }
    #expect(try output.text() == "")
  }

  @Test func `a process is ended when its owner releases it`() async throws {
    let pipe = try Pipe()
    let readEnd = pipe.readEnd
    do {
      let streams = Program.Streams(input: .nothing, output: .given(pipe.writeEnd.takeOnce()), error: .nothing)
      _ = try Program(["sleep", "600"]).start(streams)
    }
    // The end of its output: it is gone.
    await OwnThread.runAnyway("read") { LineReader.read(readEnd.takeOnce()) { _ in } }
  }
}

extension Program {
  fileprivate func with(_ environment: [String: String]) -> Program {
    var copy = self
    copy.environment = environment
    return copy
  }
}
