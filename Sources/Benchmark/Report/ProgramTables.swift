/// The tables about whole programs.
extension ResultTables {
  private var programs: [Scenario] {
    results.measurements.map(\.scenario).reduce(into: []) { list, scenario in
      if scenario.program != nil, !list.contains(scenario) { list.append(scenario) }
    }
  }

  private static let times: [(column: String, quantity: Quantity)] = [
    ("start to rules", .programStart), ("add Service", .programAddService),
    ("replace endpoints", .programReplaceEndpoints), ("remove Service", .programRemoveService),
    ("1,000 endpoints", .programRollingUpdate),
  ]

  private static let costs: [(column: String, quantity: Quantity, text: @Sendable (Double) -> String)] = [
    ("CPU of start", .programStartCPU, processorTime), ("CPU of changes", .programChangesCPU, processorTime),
    ("commits of start", .programStartCommits, { Figure.count(Int($0)) }),
    ("commits of changes", .programChangesCommits, { Figure.count(Int($0)) }),
    ("programs of start", .programStartExecutions, { Figure.count(Int($0)) }),
    ("programs of changes", .programChangesExecutions, { Figure.count(Int($0)) }),
    ("peak allocated (RssAnon)", .programPeakAllocated, Figure.bytes),
    ("peak resident (VmHWM)", .programPeakResident, Figure.bytes),
    ("allocated (RssAnon)", .programAllocated, Figure.bytes), ("resident (VmRSS)", .programResident, Figure.bytes),
  ]

  /// The kernel counts processor time in steps of 10 ms (proc(5)).
  private static func processorTime(_ seconds: Double) -> String { seconds < 0.01 ? "<10 ms" : Figure.time(seconds) }

  var programTimes: TextTable {
    var table = TextTable(
      "Whole programs: from the event to the rules", [""] + ResultTables.times.map(\.column),
      explanation: """
        How long users wait for each program: a change is over when a connection through the Service meets the new rules, \
        which is tried each millisecond. The start begins with the process and ends when Services all over the cluster \
        can be reached.
        """)
    for scenario in programs { table.add([name(scenario)] + ResultTables.times.map { spread($0.quantity, scenario) }) }
    addRatios(to: &table, ResultTables.times.map(\.quantity))
    return table
  }

  var programCosts: TextTable {
    var table = TextTable(
      "Whole programs: what that cost", [""] + ResultTables.costs.map(\.column),
      explanation: """
        The same work, as the kernel counts it: processor time with that of the programs it started, commits to nf_tables, \
        programs executed (iptables-restore and the like), and the process's own memory, in which those programs are not.
        """)
    for scenario in programs {
      table.add(
        [name(scenario)]
          + ResultTables.costs.map { cost in
            results.statistics(cost.quantity, scenario).map { cost.text($0.median) }
          })
    }
    addRatios(to: &table, ResultTables.costs.map(\.quantity))
    return table
  }

  /// The peer's figures as multiples of this program's.
  private func addRatios(to table: inout TextTable, _ quantities: [Quantity]) {
    for own in programs where own.program?.isOwn == true {
      for peer in programs where peer != own && peer.with({ $0.program = own.program }) == own {
        let ratios = quantities.map { quantity -> String? in
          guard let top = results.statistics(quantity, peer)?.median,
            let bottom = results.statistics(quantity, own)?.median, bottom > 0
          else { return nil }
          return "×" + Figure.number(top / bottom)
        }
        guard ratios.contains(where: { $0 != nil }) else { continue }
        table.add(["peer/swift-kube-proxy"] + ratios)
      }
    }
  }
}
