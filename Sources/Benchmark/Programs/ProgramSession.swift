import ServiceModel

/// Measures one program, from its start to the last change.
struct ProgramSession {
  let scenario: Scenario
  let cluster: SyntheticCluster
  let served: ServedCluster
  let probe: ServiceProbe
  /// How long the whole job may take.
  let seconds: Double
  /// `MeasuredProgram.restTime`
  let restTime: Double
  private let clock = Stopwatch()
  private var samples: [Quantity: [Double]] = [:]
  /// The generation of each Service's endpoints. A Service that is not here has its initial endpoints.
  private var generations: [Int: Int] = [:]

  init(
    scenario: Scenario, cluster: SyntheticCluster, served: ServedCluster, probe: ServiceProbe, seconds: Double,
    restTime: Double
  ) {
    self.scenario = scenario
    self.cluster = cluster
    self.served = served
    self.probe = probe
    self.seconds = seconds
    self.restTime = restTime
  }

  var measurements: [Measurement] {
    samples.sorted { $0.key.rawValue < $1.key.rawValue }.map { Measurement($0.key, of: scenario, $0.value) }
  }

  /// How long the rules for a change may take.
  private static let changeLimit = 120.0

  mutating func measure(
    _ running: RunningProgram, _ gauges: ProgramGauges, repetitions: Int
  ) throws {
    // The program's own execution may or may not have been counted yet, so the count of programs begins at 0.
    let now = try gauges.cost()
    let nothing = ProgramCost(processorTime: 0, commits: now.commits, programs: now.programs.map { _ in 0 })
    let peak = try PeakMemory(of: "\(running.pid)")
    do {
      try start(running)
      try rest(running, gauges)
      let started = try gauges.cost()
      note(started.since(nothing), .programStartCPU, .programStartCommits, .programStartExecutions)
      for round in 0..<repetitions { try changes(round, running, gauges) }
      for _ in 0..<3 { try rollingUpdate(running, gauges) }
      note(
        try gauges.cost().since(started), .programChangesCPU, .programChangesCommits, .programChangesExecutions)
    } catch {
      _ = peak.finish()
      throw error
    }
    note(.programPeakAllocated, peak.finish())
    note(.programPeakResident, try gauges.memory("VmHWM"))
    note(.programResident, try gauges.memory("VmRSS"))
    note(.programAllocated, try gauges.memory("RssAnon"))
  }

  private mutating func note(_ quantity: Quantity, _ value: Double) { samples[quantity, default: []].append(value) }

  private mutating func note(_ cost: ProgramCost, _ time: Quantity, _ commits: Quantity, _ programs: Quantity) {
    note(time, cost.processorTime)
    if let count = cost.commits { note(commits, Double(count)) }
    if let count = cost.programs { note(programs, Double(count)) }
  }

  /// Waits until Services all over the cluster can be reached.
  private mutating func start(_ running: RunningProgram) throws {
    for number in ProgramSession.sample(of: scenario.services) {
      try wait(running, limit: seconds, for: "the rules of the whole cluster") {
        try probe.endpoint(of: cluster.clusterIP(number)) != nil
      }
    }
    note(.programStart, running.clock.elapsed)
  }

  /// At most 64 numbers, the first and the last among them.
  static func sample(of count: Int) -> [Int] {
    let steps = min(count, 64)
    guard steps > 1 else { return [0] }
    return (0..<steps).map { $0 * (count - 1) / (steps - 1) }
  }

  /// Makes each kind of change once. Each round uses other Services.
  private mutating func changes(_ round: Int, _ running: RunningProgram, _ gauges: ProgramGauges) throws {
    let old = (round * 7919 + 13) % scenario.services
    let new = scenario.services + round
    let (service, slice) = (cluster.service(new), cluster.slice(new))
    try change(.programAddService, [.service(.added, service), .slice(.added, slice)], running, gauges) { [probe] in
      try probe.endpoint(of: service.clusterIPs[0]) != nil
    }
    try replaceEndpoints(.programReplaceEndpoints, of: [old], running, gauges)
    try change(
      .programRemoveService, [.slice(.deleted, slice), .service(.deleted, service)], running, gauges
    ) { [probe] in try probe.endpoint(of: service.clusterIPs[0]) == nil }
  }

  /// Replaces 1,000 endpoints, or all if there are fewer.
  private mutating func rollingUpdate(_ running: RunningProgram, _ gauges: ProgramGauges) throws {
    let count = min(scenario.services, max(1, 1000 / max(1, scenario.endpoints)))
    try replaceEndpoints(.programRollingUpdate, of: Array(0..<count), running, gauges)
  }

  /// Gives Services other endpoints, and waits until connections to each of them reach one of these.
  private mutating func replaceEndpoints(
    _ quantity: Quantity, of numbers: [Int], _ running: RunningProgram, _ gauges: ProgramGauges
  ) throws {
    var slices: [EndpointSlice] = []
    for number in numbers {
      let generation = 1 - generations[number, default: 0]
      generations[number] = generation
      slices.append(cluster.slice(number, generation: generation))
    }
    var waiting = numbers.indices.reversed().map { $0 }
    try change(quantity, slices.map { .slice(.modified, $0) }, running, gauges) { [probe, cluster] in
      // A Service that has not changed yet stays last, so the next call asks it first.
      while let last = waiting.last {
        guard let endpoint = try probe.endpoint(of: cluster.clusterIP(numbers[last])),
          slices[last].endpoints.contains(where: { $0.address == endpoint })
        else { return false }
        waiting.removeLast()
      }
      return true
    }
  }

  /// Measures the time from the API server's event to the first connection that meets the new rules.
  private mutating func change(
    _ quantity: Quantity, _ changes: [ServedCluster.Change], _ running: RunningProgram, _ gauges: ProgramGauges,
    _ isDone: () throws -> Bool
  ) throws {
    try rest(running, gauges)
    let watch = Stopwatch()
    served.publish(changes)
    try wait(running, limit: ProgramSession.changeLimit, for: "the rules of a change", isDone)
    note(quantity, watch.elapsed)
  }

  /// Calls `isThere` each millisecond until it returns true.
  private func wait(
    _ running: RunningProgram, limit: Double, for what: String, _ isThere: () throws -> Bool
  ) throws {
    let watch = Stopwatch()
    while try !isThere() {
      guard watch.elapsed < limit, clock.elapsed < seconds else {
        throw BenchmarkError.unusable("\(what) were not there after \(Figure.time(watch.elapsed))\(running.lastWords)")
      }
      try running.pause(seconds: 0.001)
    }
  }

  /// Waits until the program is at rest. If it never rests, returns after 40 times `restTime`.
  private func rest(_ running: RunningProgram, _ gauges: ProgramGauges) throws {
    var before = try gauges.cost()
    for _ in 0..<40 {
      guard clock.elapsed < seconds else { throw BenchmarkError.unusable("the time was up") }
      try running.pause(seconds: restTime)
      let now = try gauges.cost()
      let work = now.since(before)
      if (work.commits ?? 0) == 0, (work.programs ?? 0) == 0, work.processorTime < 0.03 { return }
      before = now
    }
  }
}

extension ServedCluster.Change {
  static func service(_ kind: ServedCluster.ChangeKind, _ service: Service) -> Self {
    Self(kind: kind, resource: .services, key: "\(service.name)") { ServedObjects.service(service, version: $0) }
  }

  static func slice(_ kind: ServedCluster.ChangeKind, _ slice: EndpointSlice) -> Self {
    Self(kind: kind, resource: .endpointslices, key: "\(slice.name)") { ServedObjects.slice(slice, version: $0) }
  }
}
