import Applier
import Markup
import Planner
import ServiceModel
import Testing

@testable import Benchmark

@Suite(.timeLimit(.minutes(5))) struct ReportTests {
  private static let small = Scenario(backend: .nft, family: .ipv4, services: 100, endpoints: 10)
  private static let large = Scenario(backend: .nft, family: .ipv4, services: 5000, endpoints: 10)

  private static var results: BenchmarkResults {
    let machine = Machine(
      processors: 2, processor: "<A & B>", memoryBytes: 8 * 1_073_741_824, kernel: "6.1.0", iptables: "1.8.9")
    var results = BenchmarkResults(machine: machine)
    for (scenario, scale) in [(small, 1.0), (large, 50)] {
      results.add(Measurement(.rules, of: scenario, [3100 * scale]))
      results.add(Measurement(.emptyFullSync, of: scenario, [0.1 * scale]))
      results.add(Measurement(.emptyRestore, of: scenario, [0.08 * scale]))
      results.add(Measurement(.addService, of: scenario, [0.016, 0.015, 0.017]))
      results.add(Measurement(.peakMemory, of: scenario, [30e6 * scale]))
    }
    for scenario in [large, large.with { $0.dispatch = .flat }] {
      results.add(Measurement(.connectFirst, of: scenario, [50e-6]))
      results.add(Measurement(.connectLast, of: scenario, [scenario.dispatch == .flat ? 200e-6 : 51e-6]))
    }
    return results
  }

  @Test func `samples of the same measurement are joined`() {
    var results = Self.results
    results.add(Measurement(.emptyFullSync, of: Self.small, [0.2, 0.3]))
    #expect(results.statistics(.emptyFullSync, Self.small) == Statistics([0.1, 0.2, 0.3]))
    #expect(results.statistics(.emptyFullSync, Self.large) == Statistics([5]))
    #expect(results.statistics(.burst, Self.small) == nil)
  }

  @Test func `ratios are those of medians`() throws {
    let ratio = try #require(Self.results.ratio(.emptyFullSync, .emptyRestore, Self.large))
    #expect(abs(ratio - 1.25) < 1e-9)
    #expect(Self.results.ratio(.emptyFullSync, .kubeProxyFullSync, Self.large) == nil)
  }

  @Test func `tables have the columns that somebody fills`() throws {
    let tables = ResultTables(results: Self.results).all
    #expect(tables.map(\.rows.count) == [2, 2, 2, 2])
    let syncs = try #require(tables.first).text.split(separator: "\n")
    #expect(syncs[0] == "Full sync of empty tables")
    #expect(!syncs[1].contains("as kube-proxy"))
    #expect(syncs[3].hasPrefix("nft IPv4 5,000×10"))
    #expect(syncs[3].contains("×1.25"))
    #expect(Set(syncs.dropFirst().map(\.count)).count == 1, "columns stand under one another")
  }

  @Test func `a plot has one point for each cluster, and names the form of a row that is not the usual one`() {
    var results = Self.results
    let chains = Self.large.with { $0.endpointRules = .chains }
    results.add(Measurement(.addService, of: chains, [0.064]))
    results.add(Measurement(.connectFirst, of: chains, [55e-6]))
    let page = ReportPlots(results: results).html.markup
    #expect(page.matches(of: /adding a Service, 5,000×10/).count == 1)
    #expect(page.contains("5,000 nft IPv4 chains") && page.contains("5,000 nft IPv4<"))
  }

  @Test func `both forms of a cluster stand in one row`() throws {
    var results = Self.results
    let chains = Self.large.with { $0.endpointRules = .chains }
    results.add(Measurement(.emptyFullSync, of: chains, [20]))
    results.add(Measurement(.addService, of: chains, [0.064]))
    let table = try #require(ResultTables(results: results).all.first { $0.text.hasPrefix("Compact rules") })
    #expect(table.rows.count == 1)
    #expect(table.text.split(separator: "×0.25").count == 3, "both the full sync and the change")
  }

  @Test func `the shadow's comparisons have a table`() throws {
    var results = Self.results
    let kubeProxy = Self.large.with {
      $0.dispatch = .flat
      $0.endpointRules = .chains
    }
    results.add(Measurement(.shadowWhole, of: kubeProxy, [12]))
    results.add(Measurement(.shadowWholeCPU, of: kubeProxy, [8]))
    let table = try #require(ResultTables(results: results).all.last)
    #expect(table.text.hasPrefix("Comparing the kernel's rules with the plan"))
    let row = try #require(table.text.split(separator: "\n").last)
    #expect(row.hasPrefix("nft IPv4 5,000×10 flat chains"))
    #expect(row.contains("12.0 s") && row.contains("8.00 s"))
    #expect(!table.text.contains("after one Service's change"), "nobody measured it")
  }

  @Test func `the page stands by itself, with a plot of everything measured`() {
    let page = HTMLReport(Self.results).text
    for title in ["Full sync of empty tables, nft.", "One change, nft.", "Resident memory.", "Connecting through"] {
      #expect(page.contains(title))
    }
    #expect(!page.contains(", legacy."))
    #expect(!page.contains("http") && !page.contains("src=") && !page.contains("<script"))
    #expect(page.contains("&lt;A &amp; B&gt;") && !page.contains("<A & B>"))
    #expect(page.contains("prefers-color-scheme: dark"))
    #expect(!page.contains("nan") && !page.contains("inf\""))
  }

  @Test func `JSON has samples and machine`() throws {
    let json = try Self.results.json
    #expect(json.contains("\"emptyFullSync\"") && json.contains("\"iptables\" : \"1.8.9\""))
  }

  @Test func `the standard table covers what the issue asks for`() {
    let jobs = BenchmarkPlan.standard.jobs
    let sizes = Set(jobs.filter { $0.kind == .fullSync && $0.scenario.backend == .nft }.map(\.scenario.size))
    #expect(sizes.isSuperset(of: ["5,000×10", "10,000×10", "2,000×100", "500×250", "30,000×3"]))
    #expect(Set(jobs.map(\.scenario.backend)) == Set(Backend.allCases))
    let connecting = jobs.filter { $0.kind == .connect }.map(\.scenario)
    #expect(Set(connecting.map(\.family)) == Set(IPFamily.allCases))
    // Next to each cluster the same one with flat dispatch chains, in a process of its own.
    let flat = connecting.filter { $0.dispatch == .flat }
    let asTheyAre = connecting.filter { $0.dispatch == .auto && $0.endpointRules == .auto }
    #expect(Set(flat) == Set(asTheyAre.map { $0.with { $0.dispatch = .flat } }))
    #expect(!flat.isEmpty)
    // Each cluster in which endpoints have chains stands next to the same one without.
    let large = Set(jobs.filter { $0.scenario.endpointRules == .auto }.map { $0.with { $0.repetitions = 0 } })
    for job in jobs where job.scenario.endpointRules == .chains {
      #expect(
        large.contains(
          job.with { job in
            job.repetitions = 0; job.scenario.endpointRules = .auto
          }), "\(job.title)")
    }
  }

  @Test func `a cluster is measured in parts, and in both forms in turns`() {
    let scenario = Scenario(backend: .nft, family: .ipv4, services: 5000, endpoints: 10)
    let syncs = BenchmarkPlan(
      scenario, backends: [.legacy], repetitions: 2, comparisons: [.chains, .kubeProxyStyle], parts: [.fullSync]
    ).jobs
    #expect(syncs.map(\.kind) == [.fullSync, .fullSync, .fullSync, .fullSync, .kubeProxyStyle])
    #expect(syncs.map(\.scenario.endpointRules) == [.auto, .chains, .auto, .chains, .auto])
    #expect(syncs.allSatisfy { $0.scenario.backend == .legacy })
    for part in BenchmarkPlan.Part.allCases {
      let jobs = BenchmarkPlan(scenario, backends: Backend.allCases, repetitions: 1, parts: [part]).jobs
      #expect(Set(jobs.map(\.scenario.backend)) == Set(Backend.allCases))
      #expect(jobs.allSatisfy { BenchmarkPlan.Part($0.kind) == part })
    }
    #expect(Set(BenchmarkPlan(scenario, backends: [.nft], repetitions: 1).jobs.map(\.kind)).count == 6)
  }
}
