import Applier
import IPTables
import Logging
import ServiceModel
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct CleanupReportTests {
  @Test func `the log names the chains that were kept, with commas`() {
    var report = CleanupReport()
    report.backend = .legacy
    report.family = .ipv6
    report.chainsRemoved = 7
    report.chainsKept = [ChainKey(.nat, .markMasquerade), ChainKey(.filter, .services)]
    #expect(
      report.metadata == [
        "backend": "legacy", "family": "IPv6", "chainsRemoved": "7", "jumpsRemoved": "0",
        "keptForForeignRules": "nat KUBE-MARK-MASQ, filter KUBE-SERVICES",
      ])
  }
}
