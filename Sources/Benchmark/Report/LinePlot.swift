import Markup

/// Costs over sizes, both on logarithmic axes. A linear cost has a slope of one.
struct LinePlot {
  var title: String
  var caption: String
  var xLabel: String
  var series: [PlotSeries]
  var xText: (Double) -> String = { Figure.count(Int($0.rounded())) }
  var yText: (Double) -> String = Figure.time

  private static let width = 760.0
  private static let height = 400.0
  private static let left = 70.0
  private static let right = 560.0

  private var points: [PlotSeries.Point] { series.flatMap(\.points) }

  var html: HTML {
    let x = LogAxis(values: points.map(\.x), from: LinePlot.left, to: LinePlot.right)
    let y = LogAxis(
      values: points.flatMap { [$0.low, $0.y, $0.high] }, from: LinePlot.height - 50, to: 16)
    let lines = series.map { line($0, x, y) }
    return SVG.figure(LinePlot.width, LinePlot.height, title, caption, "\(grid(x, y))\(lines)\(labels(x, y))")
  }

  private func grid(_ x: LogAxis, _ y: LogAxis) -> HTML {
    var svg: HTML = ""
    for tick in y.ticks {
      svg += SVG.line(LinePlot.left, y.place(tick), LinePlot.right, y.place(tick), "class=\"grid\"")
      svg += SVG.text(
        LinePlot.left - 8, y.place(tick) + 4, Figure.tick(yText(tick)), "class=\"tick\" text-anchor=\"end\"")
    }
    for tick in x.ticks {
      svg += SVG.line(x.place(tick), y.start, x.place(tick), y.end, "class=\"grid\"")
      svg += SVG.text(x.place(tick), y.start + 18, xText(tick), "class=\"tick\" text-anchor=\"middle\"")
    }
    return svg
      + SVG.text(
        (LinePlot.left + LinePlot.right) / 2, LinePlot.height - 8, xLabel, "class=\"axis\" text-anchor=\"middle\"")
  }

  private func line(_ series: PlotSeries, _ x: LogAxis, _ y: LogAxis) -> HTML {
    let points = series.points.sorted { $0.x < $1.x }
    let style: HTML = "class=\"c\(series.colour)\(series.isDashed ? " dashed" : "")\""
    let path = points.map { "\(x.place($0.x)),\(y.place($0.y)) " as HTML }
    var svg: HTML = "<polyline points=\"\(path)\" \(style)/>\n"
    for point in points {
      if point.high > point.low {
        svg += SVG.line(x.place(point.x), y.place(point.low), x.place(point.x), y.place(point.high), style)
      }
      svg += SVG.dot(
        x.place(point.x), y.place(point.y), "\(series.name), \(point.label): \(yText(point.y))",
        "class=\"dot c\(series.colour)\"")
    }
    return svg
  }

  /// The names of the lines at their right ends, moved apart if they would overlap.
  private func labels(_ x: LogAxis, _ y: LogAxis) -> HTML {
    let ends = series.compactMap { series in
      series.points.max { $0.x < $1.x }.map { (series: series, place: y.place($0.y), end: x.place($0.x)) }
    }
    var svg: HTML = ""
    var lowest = 4.0
    for end in ends.sorted(by: { $0.place < $1.place }) {
      let place = max(end.place, lowest + 17)
      lowest = place
      svg += SVG.line(end.end + 6, end.place, LinePlot.right + 8, place, "class=\"leader\"")
      svg += SVG.text(LinePlot.right + 12, place + 4, end.series.name, "class=\"name t\(end.series.colour)\"")
    }
    return svg
  }
}
