import Glibc
import Testing

@testable import Applier

@Suite struct ErrorFileTests {
  private func run(_ script: String) throws -> (text: String, status: Int32) {
    let file = try ErrorFile(for: "sh")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, file.descriptor, 2)
    let command: [String] = ["sh", "-c", script]
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, "/bin/sh", &actions, nil, &words, environ) == 0)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return (file.text, status)
  }

  @Test func `what is written can be read, by several processes one after the other`() throws {
    let result = try run("echo one >&2; /bin/echo two >&2")
    #expect(result.text == "one\ntwo\n")
  }

  @Test func `nothing written is nothing read`() throws { #expect(try run(":").text.isEmpty) }

  @Test func `of endless complaints the first kilobytes are kept, and the program ends as it would`() throws {
    let result = try run("printf '%08192d' 7 >&2; printf '%08192d' 7 >&2; exit 3")
    #expect(result.text == String(repeating: "0", count: 4096))
    #expect(result.status == 3 << 8)
  }
}
