import Applier
import Markup
import ServiceModel
import Testing

@testable import Benchmark

/// Reports about whole programs, and about jobs that were not measured.
@Suite(.timeLimit(.minutes(5))) struct ProgramReportTests {
  private static let cluster = Scenario(backend: .nft, family: .ipv4, services: 1000, endpoints: 10)
  private static let peer = cluster.with { $0.program = MeasuredProgram(path: "/opt/kube-proxy", mode: .nftables) }
  private static let own = cluster.with { $0.program = .own() }

  private static var results: BenchmarkResults {
    let machine = Machine(processors: 2, processor: "", memoryBytes: 1, kernel: "6.1.0", iptables: "1.8.9")
    var results = BenchmarkResults(machine: machine)
    for (scenario, scale) in [(peer, 4.0), (own, 1)] {
      results.add(Measurement(.programStart, of: scenario, [0.5 * scale]))
      results.add(Measurement(.programAddService, of: scenario, [0.020 * scale, 0.022 * scale, 0.021 * scale]))
      results.add(Measurement(.programStartExecutions, of: scenario, [2 * scale]))
    }
    results.add(Measurement(.programStartCommits, of: own, [0]))
    results.add(Measurement(.programStartCommits, of: peer, [3]))
    return results
  }

  @Test func `both programs stand below one another, and then how many times as much the peer took`() throws {
    let tables = ResultTables(results: Self.results).all
    #expect(tables.map(\.title) == ["Whole programs: from the event to the rules", "Whole programs: what that cost"])
    #expect(
      tables[0].rows.map { [$0[0], $0[1], $0[2]] } == [
        ["peer kube-proxy (nftables) nft IPv4 1,000×10", "2.00 s", "84.0 ms (80.0–88.0)"],
        ["swift-kube-proxy nft IPv4 1,000×10", "500 ms", "21.0 ms (20.0–22.0)"],
        ["peer/swift-kube-proxy", "×4.00", "×4.00"],
      ])
    // There is no ratio if one of the programs made no commit.
    #expect(tables[1].rows.map { $0[3] } == ["3", "0", "–"])
    #expect(tables[1].rows.map { $0[5] } == ["8", "2", "×4.00"])
  }

  @Test func `a program alone has nothing to be compared with`() {
    var results = BenchmarkResults(machine: Self.results.machine)
    results.add(Measurement(.programStart, of: Self.own, [0.5]))
    #expect(ResultTables(results: results).all.map(\.rows.count) == [1, 1])
  }

  @Test func `the page shows both, explains each table and says what is missing`() throws {
    var results = Self.results
    results.notes = ["peer <x> could not be measured"]
    let page = HTMLReport(results).text
    #expect(page.contains("Whole programs, nft IPv4 1,000×10."))
    #expect(page.contains("peer kube-proxy (nftables), add Service: 84.0 ms"))
    #expect(page.contains("swift-kube-proxy, add Service: 21.0 ms"))
    #expect(page.contains("peer &lt;x&gt; could not be measured") && !page.contains("<x>"))
    #expect(!page.contains("nan"))
    #expect(TextReport(results).text.contains("peer <x> could not be measured\n"))
    // The legend explains only what the report contains.
    #expect(page.contains("Whole programs run next to an API server") && !page.contains("restore process"))
  }

  @Test(arguments: [(2.5, "for 2.5 s."), (0.1, "for 100 ms.")])
  func `the legend has the time for which each program rests before a change`(_ restTime: Double, _ words: String) {
    let peer = MeasuredProgram(path: "/opt/kube-proxy", mode: .nftables, restTime: restTime)
    let plan = BenchmarkPlan(comparing: peer, Self.cluster, repetitions: 1)
    #expect(plan.jobs.map(\.scenario.program?.restTime) == [restTime, restTime])
    for job in plan.jobs {
      var results = BenchmarkResults(machine: Self.results.machine)
      results.add(Measurement(.programStart, of: job.scenario, [0.5]))
      #expect(TextReport(results).text.contains("at rest \(words)"))
    }
  }

  @Test func `a bar stays inside of its plot, however wide the spread is`() throws {
    func point(_ values: [Double]) -> PlotSeries.Point {
      PlotSeries.Point(x: values[1], y: 0, low: values[0], high: values[2], label: "add Service")
    }
    let page = PairPlot(
      title: "", caption: "",
      programs: [
        PlotSeries(name: "peer", colour: 1, points: [point([0.001, 0.06, 0.08])]),
        PlotSeries(name: "own", colour: 0, points: [point([0.05, 0.06, 9])]),
      ]
    ).html.markup
    let bars = page.matches(of: /<line x1="([0-9.-]+)" [^>]* x2="([0-9.-]+)" [^>]*class="c[01] wide"/)
    #expect(bars.count == 2)
    for bar in bars {
      let ends = [try #require(Double(bar.1)), try #require(Double(bar.2))]
      #expect(ends.allSatisfy { (150...720).contains($0) }, "\(ends)")
    }
  }

  @Test func `each table says in a sentence what the reader sees`() {
    var results = Self.results
    for quantity in [Quantity.emptyFullSync, .liveFullSync, .addService, .connectFirst, .peakMemory] {
      results.add(Measurement(quantity, of: Self.cluster, [1]))
    }
    let tables = ResultTables(results: results).all
    #expect(tables.count == 7)
    #expect(tables.allSatisfy { $0.explanation.hasSuffix(".") && !$0.explanation.contains("\n") })
    #expect(tables.allSatisfy { $0.html.markup.contains(("<p>\($0.explanation)</p>" as HTML).markup) })
  }
}
