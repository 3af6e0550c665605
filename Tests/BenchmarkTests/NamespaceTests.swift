import Glibc
import System
import Testing

@testable import Benchmark

@Suite(
  "Namespaces of a benchmark's own", .enabled(if: geteuid() == 0, "network namespaces need root"),
  .timeLimit(.minutes(5)))
struct NamespaceTests {
  @Test func `rules are refused where the program was started`() {
    #expect(throws: BenchmarkError.self) { try OwnNamespace.requireOwn() }
  }

  @Test func `rules are refused where there are interfaces`() throws {
    try OwnNamespace.run {
      let commands = try MemoryFile("commands", holding: "link add veth0 type veth peer name veth1\n".utf8)
      try Program(["ip", "-batch", "-"]).succeed(input: commands)
      #expect(throws: BenchmarkError.self) { try OwnNamespace.requireOwn() }
    }
  }

  @Test func `a new namespace is accepted`() throws {
    #expect(throws: Never.self) { try OwnNamespace.run { try OwnNamespace.requireOwn() } }
  }

  @Test func `without the right to make a namespace it says what it needs`() {
    let error = OwnNamespace.refusal(SystemError(action: "make a network namespace", code: EPERM))
    #expect("\(error)".contains("CAP_SYS_ADMIN"))
    #expect("\(error)".contains("--profile=sysadmin"))
    #expect(!"\(error)".contains("Operation not permitted"))
    let full = SystemError(action: "make a network namespace", code: ENOSPC)
    #expect(OwnNamespace.refusal(full) as? SystemError == full)
  }

  @Test func `the error of a failed program has its output`() throws {
    let error = try #require(throws: BenchmarkError.self) {
      try Program(["sh", "-c", "echo no such luck >&2; exit 3"]).succeed()
    }
    #expect(
      error
        == .program(command: "sh -c echo no such luck >&2; exit 3", status: 3, output: "no such luck\n"))
  }

  @Test func `a program reads its input, and its peak memory is returned`() throws {
    let input = try MemoryFile("input", holding: "in\n".utf8)
    let output = try MemoryFile("output")
    let end = try Program(["cat"]).succeed(input: input, output: output)
    #expect(end.peakMemory > 0)
    #expect(try output.text() == "in\n")
  }
}
