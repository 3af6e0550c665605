import Foundation
import Lab
import Testing

/// The program in an environment where something is missing or wrong.
@Suite(.timeLimit(.minutes(1))) struct SurroundingsTests {
  /// Runs shell words with the program as `$0` and the examples as `$1`.
  private func shell(_ script: String) async throws -> CommandResult {
    try await Command(["sh", "-c", script, Program.path, Program.examples], environment: [:], input: "").result()
  }

  private static let dryRun = #""$0" --manifests "$1" --hostname-override worker-a --dry-run"#

  @Test(arguments: [7, 8, 9]) func `without free descriptors no process is started`(_ limit: Int) async throws {
    let result = try await shell(
      #"ulimit -n \#(limit); exec "$0" explain --kernel --iptables-backend nft --to 10.0.0.1:80"#)
    #expect(result.status == 2)
    #expect(result.errors.contains("iptables-nft-save: not started: "), "\(result.errors)")
    #expect(result.errors.contains("Too many open files"), "\(result.errors)")
  }

  /// With SIGCHLD ignored the kernel does not tell how a process ended.
  @Test func `a program that fails is a failure also if the parent ignored SIGCHLD`() async throws {
    let folder = try ScratchFolder()
    let program = try folder.write("#!/bin/sh\nexit 3\n", to: "iptables-nft-save")
    let result = try await shell(
      """
      chmod +x \(program)
      PATH=\(folder.url.path):$PATH exec env --ignore-signal=CHLD \
        "$0" explain --kernel --iptables-backend nft --to 10.0.0.1:80
      """)
    #expect(result.status == 2)
    #expect(result.errors.contains("iptables-nft-save: exit status 3"), "\(result.errors)")
  }

  @Test(arguments: [("<&-", true), (">&-", false), ("2>&-", true), ("<&- >&- 2>&-", false)])
  func `a closed standard stream is not reused for another file`(closed: String, prints: Bool) async throws {
    let result = try await shell("\(Self.dryRun) \(closed)")
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.output.contains("KUBE-SERVICES") == prints)
  }

  @Test func `a reader that closes the pipe early is no error`() async throws {
    let result = try await shell("\(Self.dryRun) | head -n 1")
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").count == 1)
  }

  @Test func `output that cannot be written`() async throws {
    let result = try await shell("\(Self.dryRun) > /dev/full")
    #expect(result.status == 1)
    #expect(result.errors.contains("cannot write standard output: No space left on device"))
  }

  @Test func `control characters of a file do not reach the terminal`() async throws {
    let script = #"printf '*nat\n-A \033[2J\n-Z \033]0;x\007\n' | exec "$0" explain --rules - --to 10.0.0.1:80"#
    let result = try await shell(script)
    #expect(result.status == 2)
    #expect(result.errors.contains("line 3 is not iptables-save output: -Z \\u{1B}]0;x\\u{07}"), "\(result.errors)")
    #expect(!result.errors.utf8.contains(0x1b))
  }

  @Test(arguments: ["C", "C.UTF-8", "tr_TR.UTF-8", "nonsense"])
  func `the rules are the same in every language`(name: String) async throws {
    let usual = try await shell(Self.dryRun)
    let other = try await shell("LC_ALL=\(name) LANG=\(name) \(Self.dryRun)")
    #expect(other.status == 0)
    #expect(other.output == usual.output)
  }
}
