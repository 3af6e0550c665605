import ServiceModel
import Testing

@testable import Applier

/// Pids: 500 is a restore process, in the proxy's pid namespace and as a netlink port; 9500 is the same process in the
/// initial pid namespace. 9999 is another container's process, which has the pid 500 there.
@Suite(.timeLimit(.minutes(1))) struct OwnCommitsTests {
  private func commit(_ generation: UInt32, port: UInt32 = 500, pid: Int32? = 9500) -> OwnCommits.Commit {
    OwnCommits.Commit(port: port, pid: pid, generation: generation)
  }

  private func commits(inInitialNamespace: Bool = false) -> OwnCommits {
    var commits = OwnCommits(isInInitialNamespace: inInitialNamespace)
    commits.began(500, after: 10)
    return commits
  }

  @Test func `the commits of a restore process are own ones, also if they are read after its end`() {
    var own = commits()
    #expect(own.origin(of: commit(11)) == .own)
    own.ended(500, before: 13)
    #expect(own.origin(of: commit(12, port: 7)) == .foreign)
    #expect(own.origin(of: commit(13)) == .own)
    #expect(own.count == 0)
  }

  @Test func `a commit before or after the life of the process is foreign`() {
    var own = commits()
    #expect(own.origin(of: commit(10)) == .foreign)
    own.ended(500, before: 12)
    #expect(own.origin(of: commit(13)) == .foreign)
    #expect(own.origin(of: commit(14)) == .foreign)
  }

  @Test func `a process that ends after its commits were read is forgotten at once`() {
    var own = commits()
    #expect(own.origin(of: commit(11)) == .own)
    own.ended(500, before: 11)
    #expect(own.count == 0)
  }

  @Test func `of two processes of the host with one port, the later one is foreign, and its messages may be missing`() {
    var own = commits()
    #expect(own.origin(of: commit(11)) == .own)
    #expect(own.origin(of: commit(12, pid: 9999)) == .foreignAndFiltered)
    #expect(own.origin(of: commit(13)) == .own)
  }

  @Test func `in the initial pid namespace the process's pid decides, whatever its port`() {
    var own = commits(inInitialNamespace: true)
    #expect(own.origin(of: commit(11, pid: 9999)) == .foreignAndFiltered)
    #expect(own.origin(of: commit(12, pid: 500)) == .own)
    #expect(own.origin(of: commit(13, port: .max - 5, pid: 500)) == .own)
  }

  @Test func `if the kernel does not tell pids, the port decides`() {
    for initial in [true, false] {
      var own = commits(inInitialNamespace: initial)
      #expect(own.origin(of: commit(11, pid: nil)) == .own)
      #expect(own.origin(of: commit(12, port: 7, pid: nil)) == .foreign)
    }
  }

  @Test func `an end whose generation could not be read comes with the next generation that is known`() {
    var own = commits()
    own.ended(500, before: nil)
    #expect(own.origin(of: commit(11)) == .own)
    own.began(501, after: 12)
    #expect(own.origin(of: commit(12)) == .own)
    #expect(own.origin(of: commit(13)) == .foreign)
  }

  @Test func `the generation starts again after the largest number`() {
    var own = OwnCommits(isInInitialNamespace: false)
    own.began(500, after: .max)
    #expect(own.origin(of: commit(.max)) == .foreign)
    #expect(own.origin(of: commit(1)) == .own)
    own.ended(500, before: 2)
    #expect(own.origin(of: commit(3)) == .foreign)
  }

  @Test func `changes that wait for their reader become one, with the families of all`() async throws {
    let (stream, continuation) = AsyncThrowingStream.makeStream(
      of: ForeignChange.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(1))
    continuation.merge(ForeignChange(families: [.ipv4], pid: 1, program: "first"))
    for _ in 0..<20 { continuation.merge(ForeignChange(families: [.ipv6], pid: 2, program: "second")) }
    continuation.finish()
    var changes: [ForeignChange] = []
    for try await change in stream { changes.append(change) }
    #expect(changes == [ForeignChange(families: [.ipv4, .ipv6], pid: 2, program: "second")])
  }
}
