import Applier
import KubeProxy
import Watcher

/// A full sync of empty tables, and plain iptables-restore with the same input in another namespace.
struct FullSyncJob {
  let scenario: Scenario

  func run() async throws -> [Measurement] {
    var measurements: [Measurement] = []
    func note(_ quantity: Quantity, _ value: Double) {
      measurements.append(Measurement(quantity, of: scenario, [value]))
    }

    let recording = RecordingCommands(scenario.backend)
    do {
      let rehearsal = Proxy(scenario, commands: recording)
      try await rehearsal.load()
      var watch = Stopwatch()
      guard let work = await rehearsal.plan() else { throw BenchmarkError.unusable("nothing to sync") }
      let planning = watch.lap()
      _ = try await rehearsal.apply(work)
      let rendering = watch.lap()
      note(.planning, planning)
      note(.rendering, rendering)
      note(.fullSyncOwnWork, planning + rendering)
    }

    let proxy = Proxy(scenario)
    try await proxy.load()
    var watch = Stopwatch()
    let report = try await proxy.sync()
    note(.emptyFullSync, watch.lap())
    note(.rules, Double(report.tables.values.reduce(0) { $0 + $1.rulesWritten }))
    note(.inputBytes, Double(report.bytes))
    note(.transactions, Double(report.transactions))

    let floor = try OwnNamespace.run { try PlainRestore.run(scenario, recording.input) }
    note(.emptyRestore, floor.time)
    note(.restorePeakMemory, floor.peakMemory)
    return measurements
  }
}

/// Plain iptables-restore with the same rules in kube-proxy's form.
struct KubeProxyStyleJob {
  let scenario: Scenario

  func run() async throws -> [Measurement] {
    let proxy = Proxy(scenario)
    try await proxy.load()
    let input = try KubeProxyStyle(scenario, await proxy.cluster.snapshot).fullSync()
    let cost = try PlainRestore.run(scenario, input)
    return [
      Measurement(.kubeProxyFullSync, of: scenario, [cost.time]),
      Measurement(.kubeProxyRestorePeakMemory, of: scenario, [cost.peakMemory]),
    ]
  }
}

/// Full syncs of tables that packets meet during the sync.
struct LiveSyncJob {
  let scenario: Scenario

  func run() async throws -> [Measurement] {
    guard scenario.manifests == nil else { throw BenchmarkError.unusable("live syncs need a synthetic cluster") }
    let proxy = Proxy(scenario)
    try await proxy.load()
    try await proxy.sync()

    // As after a restart: the proxy reads and compares everything, and finds no difference.
    await proxy.cluster.invalidate(scenario.family, reason: "restart")
    await proxy.applier.forgetKernelState()
    var watch = Stopwatch()
    let restart = try await proxy.sync()
    let restartTime = watch.lap()
    guard restart.isUnchanged else {
      throw BenchmarkError.unusable("rules were not as written: \(restart.drift as Any)")
    }

    await proxy.cluster.invalidate(scenario.family, reason: "check")
    watch = Stopwatch()
    try await proxy.sync()
    let checkTime = watch.lap()

    // Replaces every endpoint.
    let synthetic = SyntheticCluster(scenario)
    for number in 0..<scenario.services {
      _ = await proxy.cluster.apply([.setSlice(synthetic.slice(number, generation: 1))])
    }
    await proxy.cluster.invalidate(scenario.family, reason: "all endpoints replaced")
    watch = Stopwatch()
    try await proxy.sync()
    return [
      Measurement(.restartSync, of: scenario, [restartTime]),
      Measurement(.noChangeSync, of: scenario, [checkTime]),
      Measurement(.liveFullSync, of: scenario, [watch.lap()]),
    ]
  }
}
