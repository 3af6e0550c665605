import ArgumentParser
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(5))) struct ArgumentsTests {
  @Test(arguments: [
    ([], ["run"]), (["--masquerade-all"], ["run", "--masquerade-all=true"]),
    (["--masquerade-all=false"], ["run", "--masquerade-all=false"]),
    (["--cluster_cidr=10.0.0.0/8"], ["run", "--cluster-cidr=10.0.0.0/8"]),
    (["--conntrack_tcp_be_liberal"], ["run", "--conntrack-tcp-be-liberal=true"]),
    (["-v=4"], ["run", "-v", "4"]), (["-v4"], ["run", "-v", "4"]), (["-v", "4"], ["run", "-v", "4"]),
    (["--v=4"], ["run", "--v=4"]),
    (["--config", "a_b"], ["run", "--config", "a_b"]), (["--config=a_b"], ["run", "--config=a_b"]),
    (["--help"], ["run", "--help"]), (["--metrics_bind_address="], ["run", "--metrics-bind-address", ""]),
    (["--version"], ["--version"]), (["explain", "--all"], ["explain", "--all"]),
    (["--", "--a_b"], ["run", "--", "--a_b"]),
    (["--generate-completion-script", "bash"], ["--generate-completion-script", "bash"]),
  ])
  func `kube-proxy's spellings`(given: [String], expected: [String]) {
    #expect(Arguments.normalized(given, commands: ["run", "explain", "help"]) == expected)
  }

  @Test func `flagz shows each flag with its value, however it is spelled`() {
    #expect(
      Arguments.flags([
        "--oom-score-adj", "-5", "--healthz-bind-address=", "-v4", "--cluster_cidr=10.0.0.0/8", "--masquerade-all",
        "--config", "a=b", "--hostname-override", "--nodeport-addresses", "x", "--config=c",
      ]) == [
        "oom-score-adj": "-5", "healthz-bind-address": "", "v": "4", "cluster-cidr": "10.0.0.0/8",
        "masquerade-all": "true", "config": "c", "hostname-override": "true", "nodeport-addresses": "x",
      ])
  }

  @Test func `every switch is a flag of the proxy`() throws {
    // Two of them exclude each other.
    let flags = Arguments.switches.subtracting(["--cleanup"]).sorted()
    _ = try RunCommand.parse(flags.map { "\($0)=false" } + ["--cleanup=true"])
    #expect(throws: (any Error).self) { try RunCommand.parse(["--masquerade-all=perhaps"]) }
  }

  @Test(arguments: [("1", true), ("t", true), ("TRUE", true), ("0", false), ("F", false), ("False", false)])
  func `switches may have any of Go's words for true and false`(text: String, value: Bool) {
    #expect(FlagBool(argument: text)?.value == value)
  }
}
