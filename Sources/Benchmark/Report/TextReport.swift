/// The results of a run, for a terminal.
package struct TextReport {
  private let results: BenchmarkResults

  package init(_ results: BenchmarkResults) { self.results = results }

  package var text: String {
    let tables = ResultTables(results: results).all.map(\.text).joined(separator: "\n")
    return results.machine.description + "\n\n" + tables + "\n" + TextReport.legend(results)
      + "\n" + results.notes.map { $0 + "\n" }.joined() + "Measured in \(Figure.time(results.seconds)).\n"
  }

  /// What the reader has to know about the tables that are there.
  static func legend(_ results: BenchmarkResults) -> String {
    let programs = results.measurements.compactMap(\.scenario.program)
    let hasOthers = results.measurements.contains { $0.scenario.program == nil }
    return [hasOthers ? ownLegend : nil, programs.first.map(programLegend)].compactMap { $0 }.joined(separator: "\n")
  }

  /// All programs of a run rest for the same time.
  private static func programLegend(_ program: MeasuredProgram) -> String {
    let restTime = Figure.tick(Figure.time(program.restTime))
    return """
      Whole programs run next to an API server on loopback. Sizes are Services×endpoints of each; medians, with the smallest
      and largest of fewer than ten in parentheses. The rules are there when a connection through the Service meets them,
      which is tried each millisecond; each change begins when the program has been at rest for \(restTime).
      Commits are the kernel's generations of nf_tables, programs its count of executions (perf); "–" is what the kernel
      does not report here.
      """
  }

  private static let ownLegend = """
    Sizes are Services×endpoints of each. Medians, with the 10th to 90th percentile in parentheses (smallest to largest
    of fewer than ten). "alone" is iptables-restore by itself, in the same run: with the same input for full syncs, with
    just that Service's own chains on the same tables for changes. "as kube-proxy" is iptables-restore by itself with the
    same rules written in one transaction as kube-proxy's iptables mode writes them. Own work is all but the restore
    process: taking the event in, planning, comparing, rendering.
    """
}

extension Machine: CustomStringConvertible {
  package var description: String {
    "\(processors) CPUs (\(processor)), \(Figure.number(memoryBytes / 1_073_741_824)) GB, Linux \(kernel), "
      + "iptables \(iptables)"
  }
}
