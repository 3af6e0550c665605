import Applier
import Markup
import Planner
import ServiceModel

/// The results of a run as one HTML page without other files. It has plots and tables, and follows the reader's light
/// or dark theme.
package struct HTMLReport {
  private let results: BenchmarkResults

  package init(_ results: BenchmarkResults) { self.results = results }

  package var text: String {
    let plots = ReportPlots(results: results)
    let page: HTML = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>swift-kube-proxy: what rules cost</title>
      <style>
      \(HTMLReport.style)</style>
      <main>
      <h1>What rules cost</h1>
      <p>\(results.machine.description). Measured in \(Figure.time(results.seconds)) by
      <code>swift-kube-proxy bench</code>, in network namespaces of its own.</p>
      \(notes)\(plots.html)
      \(ResultTables(results: results).all.map(\.html))
      <p class="legend">\(TextReport.legend(results))</p>
      </main>
      </html>

      """
    return page.markup
  }

  private var notes: [HTML] {
    results.notes.map { "<p class=\"note\">\($0)</p>\n" }
  }

  /// Readers with any colour vision can distinguish the colours (Okabe and Ito). On a dark page they are lighter. A
  /// plot or table that is wider than the screen has a shadow at each side where more of it is hidden: two layers that
  /// move with the content cover the shadows at its ends.
  private static let style: HTML = """
    :root { color-scheme: light dark; --page: #ffffff; --text: #1d2327; --dim: #5c6770; --line: #e3e7ea; --shade: #0004;
      --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b4508c; --c4: #8a6d00; --c5: #4b5f8a; }
    @media (prefers-color-scheme: dark) { :root { --page: #14181b; --text: #e4e8ea; --dim: #9aa5ad; --line: #2b3237; --shade: #fff5;
      --c0: #56b4e9; --c1: #ff9a4d; --c2: #3ddba8; --c3: #e69fcf; --c4: #e8cf4a; --c5: #a9bbe6; } }
    body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 1160px; margin: 0 auto; padding: 24px 20px 60px; }
    h1 { font-size: 26px; margin: 8px 0; } h2 { font-size: 18px; margin: 36px 0 8px; }
    figure { margin: 28px 0; } figcaption { margin-bottom: 6px; max-width: 760px; }
    svg { width: 100%; max-width: 860px; height: auto; font: 12px system-ui, sans-serif; }
    .plot svg { min-width: 620px; } .label { fill: var(--text); }
    .note { border-left: 3px solid var(--c1); padding-left: 12px; max-width: 760px; overflow-wrap: anywhere; }
    h2 + p { margin: 0 0 10px; max-width: 760px; }
    .grid { stroke: var(--line); stroke-width: 1; } .tick, .axis { fill: var(--dim); } .leader { stroke: var(--line); }
    .name { font-size: 12.5px; font-weight: 500; }
    polyline { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 5 4; } .wide { stroke-width: 4; opacity: .35; }
    .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
    .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .dot { fill: var(--page); stroke-width: 2; }
    .t0 { fill: var(--c0); } .t1 { fill: var(--c1); } .t2 { fill: var(--c2); } .t3 { fill: var(--c3); }
    .t4 { fill: var(--c4); } .t5 { fill: var(--c5); }
    .wide table { border-collapse: collapse; font-size: 13px; } div.wide { opacity: 1; }
    th, td { padding: 4px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line);
      font-variant-numeric: tabular-nums; }
    th { color: var(--dim); font-weight: 500; vertical-align: bottom; white-space: normal; }
    th:first-child, td:first-child { text-align: left; white-space: nowrap; padding-left: 0; }
    .plot, div.wide { overflow-x: auto; background:
      linear-gradient(to right, var(--page) 20px, transparent) left / 40px 100% no-repeat local,
      linear-gradient(to left, var(--page) 20px, transparent) right / 40px 100% no-repeat local,
      linear-gradient(to right, var(--shade), transparent) left / 12px 100% no-repeat scroll,
      linear-gradient(to left, var(--shade), transparent) right / 12px 100% no-repeat scroll; }
    .legend { color: var(--dim); max-width: 760px; font-size: 13px; }
    @media (max-width: 600px) { th:first-child, td:first-child { white-space: normal; min-width: 130px; } }
    @media print { figure { break-inside: avoid; } }

    """
}
