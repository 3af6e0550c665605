import System
import Testing

@testable import Benchmark

@Suite("A program under measurement", .timeLimit(.minutes(1)))
struct RunningProgramTests {
  @Test
  func `if a program ends while its counters are read, the error is its end`() throws {
    let running = try RunningProgram(["sh", "-c", "echo no mode nftables; exit 7"])
    let error = #expect(throws: BenchmarkError.self) {
      try running.explaining {
        try? running.pause(seconds: 60)
        throw SystemError(action: "open /proc/PID/stat", code: 2)
      }
    }
    #expect(error?.description == "it ended with exit status 7; standard error: no mode nftables")
  }

  @Test
  func `while a program runs, the error is that of the measurement`() throws {
    let running = try RunningProgram(["sleep", "60"])
    defer { running.stop() }
    let failure = SystemError(action: "open /proc/PID/stat", code: 24)
    #expect(throws: failure) { try running.explaining { throw failure } }
  }
}
