import Applier
import ServiceModel

/// The plots about whole programs.
extension ReportPlots {
  /// A plot for each cluster in which programs were compared.
  var programs: [PairPlot] {
    let measured = results.scenarios(with: [.programStart])
    let clusters = measured.map { $0.with { $0.program = nil } }
      .reduce(into: [Scenario]()) { if !$0.contains($1) { $0.append($1) } }
    return clusters.map { cluster in
      let scenarios = measured.filter { $0.with { $0.program = nil } == cluster }
      return PairPlot(
        title: "Whole programs, \(cluster.backend.rawValue) \(cluster.family.rawValue) \(cluster.size).",
        caption: "How long each program lets users wait for the rules of a change, or of the whole cluster after its "
          + "start: the further left, the sooner. Bars show the spread.",
        programs: scenarios.map(series))
    }
  }

  private func series(_ scenario: Scenario) -> PlotSeries {
    let rows: [(String, Quantity)] = [
      ("start", .programStart), ("add Service", .programAddService), ("replace endpoints", .programReplaceEndpoints),
      ("remove Service", .programRemoveService), ("1,000 endpoints", .programRollingUpdate),
    ]
    let points = rows.compactMap { label, quantity in
      results.statistics(quantity, scenario).map {
        PlotSeries.Point(x: $0.median, y: 0, low: $0.low, high: $0.high, label: label)
      }
    }
    return PlotSeries(
      name: scenario.program?.label ?? "", colour: scenario.program?.isOwn == true ? 0 : 1, points: points)
  }
}
