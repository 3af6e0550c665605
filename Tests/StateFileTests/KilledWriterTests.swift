import Glibc
import ServiceModel
import System
import Testing
import Time

@testable import StateFile

/// The writer is killed at random moments.
@Suite(.timeLimit(.minutes(5))) struct KilledWriterTests {
  @Test func `after kill -9 during any of 500 writes the file has the old or the new state`() async throws {
    let folder = try ScratchFolder()
    var seen: [Int64: Int] = [:]
    var leftovers = 0
    for round in 0..<500 {
      let pipe = try Pipe()
      let program = Program([StateWriter.path, "write", folder.statePath, "\(round % 2)"])
      let line = Watched("")
      let readEnd = pipe.readEnd
      let streams = Program.Streams(input: .nothing, output: .given(pipe.writeEnd.takeOnce()), error: .inherited)
      let end = try await program.run(streams) { process in
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = (try? readEnd.takeOnce().read(into: &bytes)) ?? 0
        line.withLock { $0 = String(decoding: bytes.prefix(count), as: UTF8.self) }
        // A write takes a few milliseconds, so the kill comes at a random moment of one of the first writes.
        usleep(.random(in: 0...15_000))
        process.kill()
      }
      #expect(end.status == .signalled(SIGKILL))
      #expect(line.withLock { $0 } == "writing\n")
      leftovers += try folder.names.contains("state.tmp") ? 1 : 0

      let state = try folder.file.readAny()
      seen[state.header.asOf.nanosecondsSince1970, default: 0] += 1
      #expect(state.snapshot.services.count == 200)
      for slices in state.snapshot.slices.values {
        #expect(slices.values.map(\.endpoints.count) == [Int(state.header.asOf.nanosecondsSince1970)])
      }
    }
    #expect(Set(seen.keys) == [1, 10])
    #expect(leftovers > 0, "no writer was killed during a write")
  }
}
