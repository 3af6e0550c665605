import Markup

/// Rows of values on one logarithmic axis. It shows the distance between the first, the middle and the last value.
struct DotPlot {
  var title: String
  var caption: String
  /// One row for each series. The labels of the points tell them apart.
  var rows: [PlotSeries]

  private static let width = 760.0
  private static let left = 200.0
  private static let right = 700.0
  private static let rowHeight = 30.0

  var html: HTML {
    let height = 60 + DotPlot.rowHeight * Double(rows.count)
    let bottom = height - 44
    let axis = LogAxis(values: rows.flatMap(\.points).map(\.x), from: DotPlot.left, to: DotPlot.right)
    var svg: HTML = ""
    for tick in axis.ticks {
      svg += SVG.line(axis.place(tick), 6, axis.place(tick), bottom, "class=\"grid\"")
      svg += SVG.text(
        axis.place(tick), bottom + 18, Figure.tick(Figure.time(tick)), "class=\"tick\" text-anchor=\"middle\"")
    }
    svg += SVG.text(
      (DotPlot.left + DotPlot.right) / 2, height - 6, "time that connect takes", "class=\"axis\" text-anchor=\"middle\""
    )
    for (number, row) in rows.enumerated() {
      svg += draw(row, 22 + DotPlot.rowHeight * Double(number), axis)
    }
    return SVG.figure(DotPlot.width, height, title, caption, svg)
  }

  private func draw(_ row: PlotSeries, _ y: Double, _ axis: LogAxis) -> HTML {
    let places = row.points.map { axis.place($0.x) }
    guard let first = places.min(), let last = places.max() else { return "" }
    var svg = SVG.text(DotPlot.left - 12, y + 4, row.name, "class=\"name t\(row.colour)\" text-anchor=\"end\"")
    svg += SVG.line(first, y, last, y, "class=\"c\(row.colour) wide\"")
    for (point, place) in zip(row.points, places) {
      svg += SVG.dot(place, y, "\(point.label): \(Figure.time(point.x))", "class=\"dot c\(row.colour)\"")
    }
    return svg
  }
}
