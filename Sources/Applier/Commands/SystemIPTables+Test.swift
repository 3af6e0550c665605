import ServiceModel
import System

extension SystemIPTables {
  package func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {
    let arguments = IPTablesPrograms.restoreArguments + ["--test"]
    let stream: Program.Stream
    do throws(SystemError) {
      stream = .given(try MemoryFile("restore test", holding: input).duplicate())
    } catch {
      let command = programs.description(family, .restore, arguments)
      throw CommandError(command: command, cause: .notStarted("\(error)"))
    }
    try await run(family, .restore, arguments, input: stream, output: .nothing) {}
  }
}
