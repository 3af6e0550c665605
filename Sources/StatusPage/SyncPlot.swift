import Glibc
import Markup
import Time

/// A plot of the durations of the last syncs, with one mark for each sync. Time goes to the right. The duration goes
/// up, on a logarithmic scale from 1 ms to at least 10 s.
struct SyncPlot {
  private static let width = 360.0
  private static let height = 110.0
  private static let left = 44.0
  private static let right = 8.0
  private static let top = 8.0
  private static let bottom = 8.0

  let syncs: [StatusBoard.Sync]
  /// The name of the picture for screen readers.
  let label: String

  var svg: HTML {
    guard !syncs.isEmpty else { return "<p class=\"none\">No sync yet.</p>" }
    return """
      <svg class="plot" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(label)">\
      \(grid)\(syncs.indices.map(mark))</svg>
      """
  }

  /// Powers of ten of a second, from a millisecond to the first above the longest sync.
  private var decades: ClosedRange<Int> {
    let longest = syncs.map(\.duration.inSeconds).max() ?? 0
    var top = 1
    while top < 3 && longest > Self.power(top) { top += 1 }
    return -3...top
  }

  private var grid: [HTML] {
    decades.map { decade in
      let y = y(Self.power(decade))
      let text = decade < 0 ? "\(Int(Self.power(decade) * 1000)) ms" : "\(Int(Self.power(decade))) s"
      return """
        <line class="grid" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(y)" \
        y2="\(y)"/><text x="\(Self.left - 6)" y="\(y + 3.5)" text-anchor="end">\(text)</text>
        """
    }
  }

  private func mark(_ index: Int) -> HTML {
    let sync = syncs[index]
    let step = (Self.width - Self.left - Self.right) / Double(StatusBoard.keptSyncs)
    // The newest sync is at the right edge.
    let x = Self.width - Self.right - step * (Double(syncs.count - index) - 0.5)
    let y = y(sync.duration.inSeconds)
    let title: HTML = "<title>\(describe(sync))</title>"
    let base = Self.height - Self.bottom
    let stem: HTML = "<line class=\"stem\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(base)\" y2=\"\(y)\"/>"
    switch sync.outcome {
    case .full:
      return "<g class=\"full\">\(stem)<circle cx=\"\(x)\" cy=\"\(y)\" r=\"3.2\"/>\(title)</g>"
    case .partial:
      return "<g class=\"part\">\(stem)<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2.2\"/>\(title)</g>"
    case .failed:
      let path: HTML = "M\(x - 3) \(y - 3)l6 6m0 -6l-6 6"
      return "<g class=\"bad\">\(stem)<path d=\"\(path)\"/>\(title)</g>"
    }
  }

  private func describe(_ sync: StatusBoard.Sync) -> String {
    let kind =
      switch sync.outcome {
      case .full(let reason): "full sync (\(reason))"
      case .partial: "partial sync"
      case .failed(let error): "failed: \(error.prefix(200))"
      }
    return "\(sync.end.wall.readable): \(kind), \(Readable.duration(sync.duration)), "
      + "\(Readable.count(sync.services, "Service", "Services")), "
      + "\(Readable.count(sync.rulesWritten, "rule", "rules")) written"
  }

  private func y(_ seconds: Double) -> Double {
    let low = Self.power(decades.lowerBound)
    let span = Double(decades.count - 1)
    let position = log10(max(seconds, low) / low) / span
    return Self.height - Self.bottom - position * (Self.height - Self.top - Self.bottom)
  }

  private static func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= 10 }
    return exponent < 0 ? 1 / result : result
  }
}
