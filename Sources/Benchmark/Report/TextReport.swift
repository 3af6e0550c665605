/// The results of a run, for a terminal.
public struct TextReport {
  private let results: BenchmarkResults

  public init(_ results: BenchmarkResults) { self.results = results }

  public var text: String {
    let tables = ResultTables(results: results).all.map(\.text).joined(separator: "\n")
    return results.machine.description + "\n\n" + tables + "\n" + TextReport.legend
      + "\nMeasured in \(Figure.time(results.seconds)).\n"
  }

  static let legend = """
    Sizes are Services×endpoints of each. Medians, with the 10th to 90th percentile in parentheses (smallest to largest
    of fewer than ten). "alone" is iptables-restore by itself, in the same run: with the same input for full syncs, with
    just that Service's own chains on the same tables for changes. "as kube-proxy" is iptables-restore by itself with the
    same rules written in one transaction as kube-proxy's iptables mode writes them. Own work is all but the restore
    process: taking the event in, planning, comparing, rendering.
    """
}

extension Machine: CustomStringConvertible {
  public var description: String {
    "\(processors) CPUs (\(processor)), \(Figure.number(memoryBytes / 1_073_741_824)) GB, Linux \(kernel), "
      + "iptables \(iptables)"
  }
}
