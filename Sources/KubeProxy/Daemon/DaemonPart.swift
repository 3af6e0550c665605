/// A part of the daemon, which runs until its task is cancelled. One that has nothing more to do may return before.
struct DaemonPart: Sendable {
  let name: String
  let run: @Sendable () async throws -> Void

  init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.run = run
  }
}
