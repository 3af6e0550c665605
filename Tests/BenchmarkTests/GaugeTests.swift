import Applier
import Glibc
import ServiceModel
import System
import Testing

@testable import Benchmark

/// The kernel's figures about a program.
@Suite(.timeLimit(.minutes(5))) struct GaugeTests {
  @Test func `processor time is that of the process and of its ended children`() throws {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    // proc(5): pid, name, state, 10 more, then utime, stime, cutime, cstime.
    let stat = "17 (a) b (c) S 1 17 17 0 -1 4194560 1 2 3 4 100 20 30 50 20 0 9 0 1234"
    #expect(try ProgramGauges.processorTime(stat) == 200 / ticks)
    #expect(throws: BenchmarkError.self) { try ProgramGauges.processorTime("17 (a) S 1 2 3") }
    #expect(throws: BenchmarkError.self) { try ProgramGauges.processorTime("") }
  }

  @Test(
    .enabled(if: geteuid() == 0, "the kernel's counters need root"),
    .enabled(if: ExecutionCounter() != nil, "the kernel does not count executed programs here"))
  func `programs are counted with those that they start`() throws {
    try OwnNamespace.run {
      let counter = try #require(ExecutionCounter())
      try Program(["sh", "-c", "env true; (env true)"]).succeed()
      // sh, twice env, and true in place of each.
      #expect(try counter.count() == 5)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "nf_tables needs root"))
  func `commits to nf_tables are counted`() throws {
    try OwnNamespace.run {
      let generation = try NFTablesGeneration()
      let start = try generation.current()
      #expect(try generation.current() == start)
      let rules = try MemoryFile("rules", holding: "*nat\n:CHAIN - [0:0]\nCOMMIT\n".utf8)
      try Program(["iptables-nft-restore", "--noflush"]).succeed(input: rules)
      #expect(try generation.current() > start)
    }
  }

  @Test func `Services all over the cluster are tried, the first and the last among them`() {
    #expect(ProgramSession.sample(of: 1) == [0])
    #expect(ProgramSession.sample(of: 3) == [0, 1, 2])
    let many = ProgramSession.sample(of: 5000)
    #expect(many.count == 64 && many.first == 0 && many.last == 4999)
    #expect(many == many.sorted() && Set(many).count == 64)
  }

  @Test func `a program gets kube-proxy's flags, and this one's own backend`() {
    let scenario = Scenario(backend: .legacy, family: .ipv4, services: 1, endpoints: 1)
    let peer = MeasuredProgram(path: "/opt/kube-proxy", mode: .nftables)
    #expect(peer.label == "peer kube-proxy (nftables)")
    let words = peer.commandLine(server: 8080, scenario)
    #expect(
      words[..<4] == [
        "/opt/kube-proxy", "--master=http://127.0.0.1:8080", "--hostname-override=node-0", "--proxy-mode=nftables",
      ])
    #expect(!words.contains { $0.hasPrefix("--iptables-backend") })
    let own = MeasuredProgram.own().commandLine(server: 8080, scenario)
    #expect(own.dropFirst().first == words[1] && own.last == "--iptables-backend=legacy")
  }
}
