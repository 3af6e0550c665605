/// A part of the daemon. It runs until its task is cancelled. It may return earlier if it has nothing more to do.
struct DaemonPart: Sendable {
  let name: String
  let run: @Sendable () async throws -> Void

  init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.run = run
  }
}
