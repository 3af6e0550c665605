import Applier
import Glibc
import Planner
import ServiceModel
import System
import Testing

@testable import Benchmark

/// What a run measures if its time limit is too short for everything.
@Suite(.timeLimit(.minutes(5))) struct BudgetTests {
  private static func job(_ kind: Job.Kind, _ services: Int, repetitions: Int = 1) -> Job {
    Job(
      kind: kind, scenario: Scenario(backend: .nft, family: .ipv4, services: services, endpoints: 10),
      repetitions: repetitions)
  }

  @Test func `each kind comes first once, then larger clusters, then repeated jobs`() {
    let small = Self.job(.fullSync, 100)
    let large = Self.job(.fullSync, 5000)
    let changes = Self.job(.changes, 10000, repetitions: 3)
    #expect(JobOrder.byWorth([large, small, small, large, changes]) == [small, changes, large, small, large])
  }

  @Test func `what this program does comes before what it is compared with`() {
    let kinds: [Job.Kind] = [.kubeProxyChanges, .kubeProxyStyle, .memory, .connect, .changes, .fullSync, .liveSync]
    #expect(
      JobOrder.byWorth(kinds.map { Self.job($0, 100) }).map(\.kind) == [
        .fullSync, .changes, .connect, .memory, .liveSync, .kubeProxyStyle, .kubeProxyChanges,
      ])
  }

  @Test func `the order keeps all jobs of the standard table`() {
    #expect(Set(BenchmarkPlan.standard.jobs.map(\.kind)).count == 7)
    let jobs = BenchmarkPlan.standard.jobs
    func counts(_ jobs: [Job]) -> [Job: Int] { jobs.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    #expect(counts(JobOrder.byWorth(jobs)) == counts(jobs))
  }

  @Test func `a machine of the expected pace does everything that fits`() {
    let budget = TimeBudget(limit: 300)
    #expect(budget.fit(Self.job(.fullSync, 1000), used: 0) == Self.job(.fullSync, 1000))
    #expect(budget.fit(Self.job(.fullSync, 10000), used: 295) == nil)
    #expect(
      TimeBudget(limit: .infinity).fit(Self.job(.connect, 10000, repetitions: 250), used: 1e6)?.repetitions == 250)
  }

  @Test func `a slow machine leaves out what no longer fits`() {
    var budget = TimeBudget(limit: 100)
    let job = Self.job(.fullSync, 10000)
    #expect(budget.fit(job, used: 10) != nil)
    let small = Self.job(.fullSync, 1000)
    for _ in 0..<5 { budget.note(small, took: 20 * JobCost(small).seconds(1)) }
    #expect(budget.pace > 5)
    #expect(budget.fit(job, used: 10) == nil)
  }

  @Test func `long repetitions become fewer, but not too few`() throws {
    let job = Self.job(.changes, 10000, repetitions: 1000)
    let few = try #require(TimeBudget(limit: 120).fit(job, used: 0))
    #expect(few.repetitions < 20)
    #expect(few.repetitions >= JobCost(job).fewest)
    #expect(few.scenario == job.scenario)
    #expect(TimeBudget(limit: 5).fit(job, used: 0) == nil)
  }

  @Test func `programs that are compared share the time, so that no one is measured alone`() throws {
    let job = Self.job(.program, 100, repetitions: 5)
    let once = JobCost(job).seconds(1) / 0.85
    #expect(TimeBudget(limit: 1.5 * once).fit(job, used: 0) != nil, "one program alone")
    #expect(TimeBudget(limit: 1.5 * once).fit(job, used: 0, shares: 2) == nil)
    #expect(TimeBudget(limit: 2.1 * once).fit(job, used: 0, shares: 2) != nil)
  }

  @Test func `no job asks for more repetitions than planned`() throws {
    for job in BenchmarkPlan.standard.jobs {
      let fitted = try #require(TimeBudget(limit: 100_000).fit(job, used: 0))
      #expect(fitted == job)
    }
  }

  @Test func `what is missing is named`() {
    var omissions = Omissions()
    let twice = Self.job(.fullSync, 1000)
    let changes = Self.job(.changes, 1000, repetitions: 12)
    var fewer = changes
    fewer.repetitions = 4
    omissions.noteDone(twice, of: twice)
    omissions.noteOmitted(twice)
    omissions.noteDone(fewer, of: changes)
    omissions.noteOmitted(Self.job(.connect, 10000))
    #expect(
      omissions.notes(limit: 60) == [
        "Left out to stay within 60.0 s: nft IPv4 1,000×10: full sync (run 1 of 2 times); nft IPv4 10,000×10: connecting.",
        "Fewer repetitions than planned: nft IPv4 1,000×10: single changes (4 of 12).",
      ])
    #expect(Omissions().notes(limit: 60) == [])
  }

  @Test func `results stand in the plan's order, whatever was measured first`() {
    let machine = Machine(processors: 1, processor: "", memoryBytes: 1, kernel: "", iptables: "")
    var results = BenchmarkResults(machine: machine)
    let jobs = [Self.job(.fullSync, 100), Self.job(.fullSync, 5000)]
    for job in jobs.reversed() { results.add(Measurement(.emptyFullSync, of: job.scenario, [1])) }
    results.order(as: jobs)
    #expect(results.scenarios(with: [.emptyFullSync]) == jobs.map(\.scenario))
  }

  @Test func `a program is killed when its time is up, and no other`() throws {
    #expect(try Program(["sleep", "1000"]).succeed(within: 0.05) == nil)
    #expect(try Program(["true"]).succeed(within: 1000)?.code == 0)
  }
}
