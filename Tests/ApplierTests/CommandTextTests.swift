import IPTables
import Testing

@testable import Applier

@Suite("Reading what programs print", .timeLimit(.minutes(5)))
struct CommandTextTests {
  @Test(
    arguments: [
      ("iptables-restore v1.8.9 (nf_tables): \nline 4: CHAIN_ADD failed (Invalid argument): chain X", 4),
      ("iptables-restore: line 12 failed", 12),
      ("iptables-restore v1.8.9 (legacy): Couldn't load target `X'\n\nError occurred at line: 3\n", 3),
      ("Another app is currently holding the xtables lock", nil),
    ] as [(String, Int?)])
  func `the failing line is found in the message of each version and backend`(text: String, line: Int?) {
    #expect(CommandError(command: "x", cause: .exited(1), standardError: text).failingLine == line)
  }

  @Test(
    arguments: [
      ("iptables v1.8.9 (nf_tables)", IPTablesVersion(1, 8, 9), true),
      ("iptables v1.6.1", IPTablesVersion(1, 6, 1), false),
      ("ip6tables v1.6.2", IPTablesVersion(1, 6, 2), true), ("no such thing", nil, false),
    ] as [(String, IPTablesVersion?, Bool)])
  func `versions`(text: String, version: IPTablesVersion?, randomFully: Bool) {
    let parsed = IPTablesVersion(output: text)
    #expect(parsed == version)
    #expect((parsed?.hasRandomFully ?? false) == randomFully)
    #expect(parsed?.backend == (text.contains("nf_tables") ? .nft : nil))
  }
}
