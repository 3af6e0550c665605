import Applier
import Markup
import Planner
import ServiceModel

/// The plots of a page.
struct ReportPlots {
  let results: BenchmarkResults

  var html: HTML {
    let lines = (Backend.allCases.flatMap { [fullSyncs($0), changes($0)] } + [memory]).compactMap { $0 }
    return "\(programs.map(\.html))\(lines.map(\.html))\(connections?.html ?? "")"
  }

  /// A line through all scenarios of a backend for which the quantity was measured; nil if there are none. A cluster
  /// whose endpoints have chains is left out if it was measured in its own form too: a line has one point for each
  /// cluster.
  private func series(
    _ name: String, _ quantity: Quantity, _ backend: Backend, colour: Int, isDashed: Bool = false,
    over x: (Scenario) -> Double?
  ) -> PlotSeries? {
    let measured = results.scenarios(with: [quantity])
    let points = measured.compactMap { scenario -> PlotSeries.Point? in
      let isSecondForm =
        scenario.endpointRules == .chains && measured.contains(scenario.with { $0.endpointRules = .auto })
      guard !isSecondForm, scenario.backend == backend, scenario.family == .ipv4, let x = x(scenario),
        let statistics = results.statistics(quantity, scenario),
        // Zero has no place on a logarithmic axis.
        x > 0, statistics.median > 0
      else { return nil }
      return PlotSeries.Point(
        x: x, y: statistics.median, low: statistics.low, high: statistics.high, label: scenario.size)
    }
    return points.isEmpty ? nil : PlotSeries(name: name, colour: colour, isDashed: isDashed, points: points)
  }

  private func fullSyncs(_ backend: Backend) -> LinePlot? {
    // Only costs that are linear in the number of rules can be compared between clusters of different shapes.
    func rules(_ scenario: Scenario) -> Double? { results.statistics(.rules, scenario)?.median }
    let lines = [
      series("as kube-proxy writes them", .kubeProxyFullSync, backend, colour: 1, over: rules),
      series("full sync", .emptyFullSync, backend, colour: 0, over: rules),
      series("iptables-restore alone", .emptyRestore, backend, colour: 2, isDashed: true, over: rules),
      series("rendering of it", .rendering, backend, colour: 3, over: rules),
      series("planning of it", .planning, backend, colour: 4, over: rules),
    ].compactMap { $0 }
    guard !lines.isEmpty else { return nil }
    return LinePlot(
      title: "Full sync of empty tables, \(backend.rawValue).",
      caption: "Time over the number of rules, of clusters of different shapes. A slope of one is linear.",
      xLabel: "rules", series: lines)
  }

  private func changes(_ backend: Backend) -> LinePlot? {
    func services(_ scenario: Scenario) -> Double? { Double(scenario.services) }
    let lines = [
      series("as kube-proxy writes it", .kubeProxyChange, backend, colour: 1, over: services),
      series("adding a Service", .addService, backend, colour: 0, over: services),
      series("own chains alone", .ownChainsRestore, backend, colour: 2, isDashed: true, over: services),
      series("own work of it", .changeOwnWork, backend, colour: 3, over: services),
    ].compactMap { $0 }
    guard !lines.isEmpty else { return nil }
    return LinePlot(
      title: "One change, \(backend.rawValue).",
      caption: "From the event to the kernel's answer, over the Services that are there. What is left is the kernel's "
        + "check of the table at each commit; the proxy's own work does not grow.",
      xLabel: "Services", series: lines)
  }

  private var memory: LinePlot? {
    func endpoints(_ scenario: Scenario) -> Double? { Double(scenario.services * scenario.endpoints) }
    var lines = [
      series("peak", .peakMemory, .nft, colour: 0, over: endpoints),
      series("steady", .steadyMemory, .nft, colour: 2, over: endpoints),
      series("of that allocated", .steadyAllocated, .nft, colour: 1, over: endpoints),
    ].compactMap { $0 }
    for line in lines.indices {
      lines[line].points = lines[line].points.map {
        PlotSeries.Point(x: $0.x, y: $0.y / 1_048_576, low: 0, high: 0, label: $0.label)
      }
    }
    guard !lines.isEmpty else { return nil }
    return LinePlot(
      title: "Resident memory.", caption: "Of a process that does the proxy's work, over the cluster's endpoints.",
      xLabel: "endpoints", series: lines, yText: { Figure.number($0) + " MB" })
  }

  private var connections: DotPlot? {
    let rows = results.scenarios(with: [.connectFirst]).map { scenario in
      let points = [Quantity.connectFirst, .connectMiddle, .connectLast].compactMap { quantity in
        results.statistics(quantity, scenario).map { statistics in
          PlotSeries.Point(
            x: statistics.median, y: 0, low: 0, high: 0,
            label: quantity == .connectFirst ? "first" : quantity == .connectMiddle ? "middle" : "last")
        }
      }
      let isFlat = scenario.dispatch == .flat
      return PlotSeries(
        name: "\(Figure.count(scenario.services)) \(scenario.backend.rawValue) \(scenario.family.rawValue)"
          + (isFlat ? " flat" : "") + (scenario.endpointRules == .auto ? "" : " \(scenario.endpointRules.rawValue)"),
        colour: isFlat ? 1 : 0, points: points)
    }
    guard !rows.isEmpty else { return nil }
    return DotPlot(
      title: "Connecting through the first, the middle and the last Service.",
      caption:
        "The median of each. With a flat dispatch chain, as kube-proxy has it, a connection meets the rules of all "
        + "Services before its own; with an indexed one all three take the same time.",
      rows: rows)
  }
}
