import Markup

/// Programs next to each other: one row for each quantity, with one dot for each program, on one logarithmic axis.
struct PairPlot {
  var title: String
  var caption: String
  /// One for each program; the points' labels say what was measured, and `x` is the time it took.
  var programs: [PlotSeries]

  private static let width = 760.0
  private static let left = 150.0
  private static let right = 720.0
  private static let rowHeight = 34.0
  private static let top = 40.0

  private var rows: [String] {
    programs.flatMap { $0.points.map(\.label) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  var html: HTML {
    let rows = rows
    let bottom = PairPlot.top + PairPlot.rowHeight * Double(rows.count)
    let values = programs.flatMap(\.points).flatMap { [$0.low, $0.x, $0.high] }
    let axis = LogAxis(values: values, from: PairPlot.left, to: PairPlot.right)
    var svg: HTML = ""
    for tick in axis.ticks {
      svg += SVG.line(axis.place(tick), PairPlot.top - 8, axis.place(tick), bottom, "class=\"grid\"")
      svg += SVG.text(
        axis.place(tick), bottom + 18, Figure.tick(Figure.time(tick)), "class=\"tick\" text-anchor=\"middle\"")
    }
    svg += SVG.text(
      (PairPlot.left + PairPlot.right) / 2, bottom + 40, "time until the rules are there",
      "class=\"axis\" text-anchor=\"middle\"")
    svg += legend
    for (number, row) in rows.enumerated() {
      svg += draw(row, PairPlot.top + 12 + PairPlot.rowHeight * Double(number), axis)
    }
    return SVG.figure(PairPlot.width, bottom + 48, title, caption, svg)
  }

  /// The programs' names above the plot, each behind a dot of its colour.
  private var legend: HTML {
    var svg: HTML = ""
    for (number, program) in programs.enumerated() {
      let x = PairPlot.left + Double(number) * 290
      svg += SVG.dot(x, 12, program.name, "class=\"dot c\(program.colour)\"")
      svg += SVG.text(x + 12, 16, program.name, "class=\"name t\(program.colour)\"")
    }
    return svg
  }

  private func draw(_ row: String, _ y: Double, _ axis: LogAxis) -> HTML {
    var svg = SVG.text(PairPlot.left - 12, y + 4, row, "class=\"name label\" text-anchor=\"end\"")
    let places = programs.flatMap(\.points).filter { $0.label == row }.map { axis.place($0.x) }
    if let first = places.min(), let last = places.max() { svg += SVG.line(first, y, last, y, "class=\"grid\"") }
    for program in programs {
      for point in program.points where point.label == row {
        if point.high > point.low {
          svg += SVG.line(axis.place(point.low), y, axis.place(point.high), y, "class=\"c\(program.colour) wide\"")
        }
        svg += SVG.dot(
          axis.place(point.x), y, "\(program.name), \(row): \(Figure.time(point.x))",
          "class=\"dot c\(program.colour)\"")
      }
    }
    return svg
  }
}
