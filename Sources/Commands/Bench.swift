import Applier
import ArgumentParser
import Benchmark
import Glibc
import KubernetesAPI
import Planner
import ServiceModel
import Time

/// `swift-kube-proxy bench`
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure what syncs, changes and connections cost on this machine.",
    discussion: """
      Makes synthetic clusters in network namespaces of its own and leaves the host's rules alone. Needs root. Without \
      --services, --manifests or --peer it measures the standard table, as much of it as five minutes allow.

      With --peer it starts a small API server on loopback, runs that program next to it and then itself, and measures \
      both from outside: 1,000 Services of 10 endpoints unless told otherwise.
      """)

  enum BackendSelection: String, ExpressibleByArgument, CaseIterable {
    case nft, legacy, both

    var backends: [Backend] {
      switch self {
      case .nft: [.nft]
      case .legacy: [.legacy]
      case .both: [.nft, .legacy]
      }
    }
  }

  enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @Option(help: ArgumentHelp("Measure a cluster of this many Services.", valueName: "number"))
  var services: Int?

  @Option(help: ArgumentHelp("Endpoints for each Service.", valueName: "number"))
  var endpoints = 10

  @Option(help: "Types of Services: cluster IPs alone, or some with node ports and load balancers.")
  var mix = ServiceMix.clusterIP

  @Option(help: ArgumentHelp("Measure the cluster that these manifests describe.", valueName: "path"))
  var manifests: String?

  @Option(help: "The iptables backend.")
  var backend = BackendSelection.nft

  @Option(help: ArgumentHelp("IPv4 or IPv6.", valueName: "family"))
  var family = IPFamily.ipv4

  @Option(help: "The layout of dispatch chains.")
  var dispatch = DispatchMode.auto

  @Option(help: "The form of rules for endpoints.")
  var endpointRules = EndpointRuleMode.auto

  @Option(
    help: ArgumentHelp(
      "How often single changes are measured. Default: 20; 5 with --peer.", valueName: "number"))
  var repetitions: Int?

  @Option(
    help: ArgumentHelp(
      "Measure this program, which takes kube-proxy's flags, and then this one alike.", valueName: "program"))
  var peer: String?

  @Option(help: "The mode in which the peer is run.")
  var peerMode = MeasuredProgram.Mode.iptables

  @Option(
    help: ArgumentHelp(
      """
      A change begins when the peer, or this program, has done no work for this long. It should be longer than two \
      times its minSyncPeriod. Default: 2.5s.
      """, valueName: "duration"), transform: GoDuration.flag)
  var peerRest: GoDuration?

  @Option(
    help: ArgumentHelp(
      "How long it may take. What does not fit is left out and named. Default: 5m for the standard table.",
      valueName: "duration"), transform: GoDuration.flag)
  var budget: GoDuration?

  @Option(
    help: ArgumentHelp(
      """
      Also measure the same cluster otherwise: kube-proxy-style writes the same rules as kube-proxy does, which takes \
      minutes for 5,000 Services on nft and hours for 30,000; chains gives each endpoint a chain. Can be repeated.
      """))
  var compare: [BenchmarkPlan.Comparison] = []

  @Option(help: "Measure only this part. Can be repeated.")
  var only: [BenchmarkPlan.Part] = []

  @Option(help: "What to print.")
  var output = OutputFormat.table

  @Option(help: ArgumentHelp("Write a page with plots.", valueName: "file.html"))
  var report: String?

  func validate() throws {
    for (name, value) in [
      ("--services", services ?? 1), ("--endpoints", endpoints), ("--repetitions", repetitions ?? 1),
    ] {
      guard (1...100_000).contains(value) else { throw ValidationError("\(name) must be 1 to 100000") }
    }
    if services != nil && manifests != nil { throw ValidationError("--services and --manifests exclude each other") }
    if !only.isEmpty && isStandard { throw ValidationError("--only needs --services or --manifests") }
    if let budget, budget <= .zero { throw ValidationError("--budget must be longer than 0") }
    if let peerRest, peerRest <= .zero { throw ValidationError("--peer-rest must be longer than 0") }
    guard peer != nil else { return }
    if manifests != nil { throw ValidationError("--peer measures synthetic clusters, not --manifests") }
    if backend == .both { throw ValidationError("--peer uses one backend: give --backend nft or legacy") }
    if dispatch != .auto || !compare.isEmpty || !only.isEmpty {
      throw ValidationError("--peer runs both programs as they are: it takes no --dispatch, --compare or --only")
    }
  }

  func run() async throws {
    if BenchmarkRun.isChild { return try await BenchmarkRun.runJob() }
    // The report file is opened before the measurement, so that a wrong path does not cost minutes of work.
    if let report { try FileDescriptorWriter.write([], toFile: report) }
    let results = try BenchmarkRun(try plan(), childArguments: ["bench"], budget: limit).run()
    if let report { try FileDescriptorWriter.write(Array(HTMLReport(results).text.utf8), toFile: report) }
    switch output {
    case .table: print(TextReport(results).text, terminator: "")
    case .json: print(try results.json)
    }
  }

  private var isStandard: Bool { services == nil && manifests == nil && peer == nil }

  private var limit: Duration? { budget?.duration ?? (isStandard ? .seconds(300) : nil) }

  private func plan() throws -> BenchmarkPlan {
    if let peer {
      let scenario = Scenario(
        backend: backend.backends[0], family: family, services: services ?? 1000, endpoints: endpoints, mix: mix)
      let restTime = peerRest.map { $0.duration / .seconds(1) } ?? MeasuredProgram.defaultRestTime
      return BenchmarkPlan(
        comparing: MeasuredProgram(path: peer, mode: peerMode, restTime: restTime), scenario,
        repetitions: repetitions ?? 5)
    }
    guard !isStandard else { return .standard }
    var scenario = Scenario(
      backend: .nft, family: family, services: services ?? 0, endpoints: endpoints, mix: mix, dispatch: dispatch,
      endpointRules: endpointRules)
    if let manifests { try scenario.adopt(manifests: manifests) }
    return BenchmarkPlan(
      scenario, backends: backend.backends, repetitions: repetitions ?? 20, comparisons: compare,
      parts: only)
  }
}

extension ServiceMix: ExpressibleByArgument {}
extension BenchmarkPlan.Comparison: ExpressibleByArgument {}
extension BenchmarkPlan.Part: ExpressibleByArgument {}
extension MeasuredProgram.Mode: ExpressibleByArgument {}
extension IPFamily: ExpressibleByArgument {
  /// In any case: `ipv6` as well as `IPv6`.
  package init?(argument: String) {
    guard let family = IPFamily.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
      return nil
    }
    self = family
  }
}
