import Applier
import Planner
import ServiceModel

/// The tables of a report.
struct ResultTables {
  let results: BenchmarkResults

  /// The tables that have rows, in order.
  var all: [TextTable] {
    [programTimes, programCosts, fullSyncs, forms, liveSyncs, changes, connections, memory, shadow]
      .filter { !$0.rows.isEmpty }
  }

  func name(_ scenario: Scenario) -> String {
    var name = "\(scenario.backend.rawValue) \(scenario.family.rawValue) \(scenario.size)"
    if scenario.mix != .clusterIP { name += " \(scenario.mix.rawValue)" }
    if scenario.dispatch != .auto { name += " \(scenario.dispatch.rawValue)" }
    if scenario.endpointRules != .auto { name += " \(scenario.endpointRules.rawValue)" }
    if let program = scenario.program { name = "\(program.label) \(name)" }
    return name
  }

  private func time(_ quantity: Quantity, _ scenario: Scenario) -> String? {
    results.statistics(quantity, scenario).map { Figure.time($0.median) }
  }

  /// `3.41 s (3.38–3.52)`
  func spread(_ quantity: Quantity, _ scenario: Scenario) -> String? {
    guard let statistics = results.statistics(quantity, scenario) else { return nil }
    let median = Figure.time(statistics.median)
    guard statistics.count > 1 else { return median }
    let scale = statistics.median >= 1 ? 1 : statistics.median >= 0.001 ? 1e3 : 1e6
    return median + " (\(Figure.number(statistics.low * scale))–\(Figure.number(statistics.high * scale)))"
  }

  private func ratio(_ dividend: Quantity, _ divisor: Quantity, _ scenario: Scenario) -> String? {
    results.ratio(dividend, divisor, scenario).map { "×" + Figure.number($0) }
  }

  private var fullSyncs: TextTable {
    var table = TextTable(
      "Full sync of empty tables",
      [
        "", "rules", "plan", "render", "full sync", "a rule", "restore alone", "sync/alone", "as kube-proxy",
        "kube-proxy/sync", "restore memory", "kube-proxy's",
      ],
      explanation: """
        What it takes to write the rules of a whole cluster, as after a node's start, next to iptables-restore by itself \
        with the same input: a ratio of 1 would be a proxy that costs nothing of its own.
        """)
    for scenario in results.scenarios(with: [.emptyFullSync, .kubeProxyFullSync]) {
      let rules = results.statistics(.rules, scenario)?.median
      let sync = results.statistics(.emptyFullSync, scenario)?.median
      table.add([
        name(scenario), rules.map { Figure.count(Int($0)) }, time(.planning, scenario), time(.rendering, scenario),
        spread(.emptyFullSync, scenario), rules.flatMap { rules in sync.map { Figure.time($0 / rules) } },
        time(.emptyRestore, scenario), ratio(.emptyFullSync, .emptyRestore, scenario),
        time(.kubeProxyFullSync, scenario), ratio(.kubeProxyFullSync, .emptyFullSync, scenario),
        results.statistics(.restorePeakMemory, scenario).map { Figure.bytes($0.median) },
        results.statistics(.kubeProxyRestorePeakMemory, scenario).map { Figure.bytes($0.median) },
      ])
    }
    return table
  }

  /// Compares each cluster whose endpoints have chains with the same cluster with one rule for each endpoint.
  private var forms: TextTable {
    var table = TextTable(
      "Compact rules for endpoints next to chains",
      [
        "", "full sync", "chains", "sync/chains", "own work", "chains' own", "own/chains", "add Service", "chains' add",
        "add/chains", "restore memory", "chains' restore",
      ],
      explanation: """
        What one rule for each endpoint saves next to kube-proxy's form, a chain for each endpoint. Both are measured in the \
        same run.
        """)
    let quantities: [Quantity] = [.emptyFullSync, .addService]
    for chains in results.scenarios(with: quantities) where chains.endpointRules == .chains {
      guard let compact = compactCounterpart(chains, quantities) else { continue }
      table.add([
        name(compact), time(.emptyFullSync, compact), time(.emptyFullSync, chains),
        ratio(.emptyFullSync, compact, chains), time(.fullSyncOwnWork, compact), time(.fullSyncOwnWork, chains),
        ratio(.fullSyncOwnWork, compact, chains), time(.addService, compact), time(.addService, chains),
        ratio(.addService, compact, chains),
        results.statistics(.restorePeakMemory, compact).map { Figure.bytes($0.median) },
        results.statistics(.restorePeakMemory, chains).map { Figure.bytes($0.median) },
      ])
    }
    return table
  }

  /// The same cluster with one rule for each endpoint, because of its size or because of the option.
  private func compactCounterpart(_ chains: Scenario, _ quantities: [Quantity]) -> Scenario? {
    let forms: [EndpointRuleMode] = chains.isLarge ? [.auto, .compact] : [.compact]
    let measured = results.scenarios(with: quantities)
    return forms.lazy.map { form in chains.with { $0.endpointRules = form } }.first(where: measured.contains)
  }

  private func ratio(_ quantity: Quantity, _ dividend: Scenario, _ divisor: Scenario) -> String? {
    guard let top = results.statistics(quantity, dividend), let bottom = results.statistics(quantity, divisor) else {
      return nil
    }
    return "×" + Figure.number(top.median / bottom.median)
  }

  private var liveSyncs: TextTable {
    var table = TextTable(
      "Full sync of tables in use",
      ["", "after a restart", "nothing to do", "all endpoints replaced"],
      explanation: """
        What it takes when the rules are there already: after the proxy's restart it reads and compares them, and only what \
        differs is written.
        """)
    for scenario in results.scenarios(with: [.liveFullSync]) {
      table.add([
        name(scenario), time(.restartSync, scenario), time(.noChangeSync, scenario), time(.liveFullSync, scenario),
      ])
    }
    return table
  }

  private var changes: TextTable {
    var table = TextTable(
      "One change, from the event to the kernel's answer",
      [
        "", "own work", "add Service", "remove Service", "add endpoint", "remove endpoint", "replace endpoint",
        "restore alone", "add/alone", "as kube-proxy", "add/kube-proxy", "1,000 endpoints", "own work of it",
      ],
      explanation: """
        What one Service's change takes in a cluster that is there. Most of it is the kernel's check of the table at each \
        commit, which iptables-restore alone shows; own work is what this proxy adds.
        """)
    for scenario in results.scenarios(with: [.addService, .kubeProxyChange]) {
      table.add([
        name(scenario), spread(.changeOwnWork, scenario), spread(.addService, scenario),
        time(.removeService, scenario), time(.addEndpoint, scenario), time(.removeEndpoint, scenario),
        time(.replaceEndpoint, scenario), spread(.ownChainsRestore, scenario),
        ratio(.addService, .ownChainsRestore, scenario), time(.kubeProxyChange, scenario),
        ratio(.addService, .kubeProxyChange, scenario), time(.burst, scenario), time(.burstOwnWork, scenario),
      ])
    }
    return table
  }

  private var connections: TextTable {
    var table = TextTable(
      "Connecting through a Service",
      [
        "", "first", "middle", "last", "last/first", "one endpoint",
        "\(Figure.count(ConnectJob.manyEndpoints)) endpoints",
        "many/one", "as many Services in turn", "many/Services", "past all Services",
      ],
      explanation: """
        What a client waits for when it opens a connection. A ratio of last to first near 1 says that a Service's place \
        among the rules does not matter.
        """)
    for scenario in results.scenarios(with: [.connectFirst]) {
      table.add([
        name(scenario), spread(.connectFirst, scenario), spread(.connectMiddle, scenario),
        spread(.connectLast, scenario), ratio(.connectLast, .connectFirst, scenario),
        time(.connectOneEndpoint, scenario), time(.connectManyEndpoints, scenario),
        ratio(.connectManyEndpoints, .connectOneEndpoint, scenario), time(.connectManyServices, scenario),
        ratio(.connectManyEndpoints, .connectManyServices, scenario), time(.connectDirectly, scenario),
      ])
    }
    return table
  }

  private var shadow: TextTable {
    var table = TextTable(
      "Comparing the kernel's rules with the plan (--shadow)",
      ["", "whole tables", "processor time", "after one Service's change", "processor time of it"],
      explanation: """
        What a comparison costs while another proxy writes kube-proxy's rules. After a comparison the shadow pauses for \
        99 times the processor time of the comparison.
        """)
    for scenario in results.scenarios(with: [.shadowWhole]) {
      table.add([
        name(scenario), spread(.shadowWhole, scenario), time(.shadowWholeCPU, scenario),
        spread(.shadowPart, scenario), time(.shadowPartCPU, scenario),
      ])
    }
    return table
  }

  private var memory: TextTable {
    var table = TextTable(
      "Resident memory of a process that does the proxy's work",
      ["", "peak (VmHWM)", "steady (VmRSS)", "peak allocated (RssAnon)", "steady allocated (RssAnon)"],
      explanation: """
        What the proxy needs of the node's memory: at most, when the first rules are written, and later, as it lives on \
        with changes.
        """)
    for scenario in results.scenarios(with: [.peakMemory]) {
      table.add([
        name(scenario), results.statistics(.peakMemory, scenario).map { Figure.bytes($0.median) },
        results.statistics(.steadyMemory, scenario).map { Figure.bytes($0.median) },
        results.statistics(.peakAnonymousMemory, scenario).map { Figure.bytes($0.median) },
        results.statistics(.steadyAllocated, scenario).map { Figure.bytes($0.median) },
      ])
    }
    return table
  }
}
