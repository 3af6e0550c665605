import Markup

/// Rows of text in columns. The first column is left-aligned.
struct TextTable {
  let title: String
  let columns: [String]
  /// One or two sentences that say what the table shows, for pages.
  let explanation: String
  private(set) var rows: [[String]] = []

  init(_ title: String, _ columns: [String], explanation: String) {
    self.title = title
    self.columns = columns
    self.explanation = explanation
  }

  mutating func add(_ cells: [String?]) { rows.append(cells.map { $0 ?? "–" }) }

  /// Columns without any value are left out.
  private var shownColumns: [Int] {
    columns.indices.filter { index in index == 0 || rows.contains { $0[index] != "–" } }
  }

  var text: String {
    let shown = shownColumns
    let widths = shown.map { index in ([columns[index]] + rows.map { $0[index] }).map(\.count).max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (place, index) in shown.enumerated() {
        let padding = String(repeating: " ", count: widths[place] - cells[index].count)
        text += place == 0 ? cells[index] + padding : "  " + padding + cells[index]
      }
      return text + "\n"
    }
    return title + "\n\n" + line(columns) + rows.map(line).joined()
  }

  /// The same table for a page.
  var html: HTML {
    let shown = shownColumns
    func row(_ cells: [String], _ tag: HTML) -> HTML {
      "<tr>\(shown.map { "<\(tag)>\(cells[$0])</\(tag)>" as HTML })</tr>\n"
    }
    return """
      <h2>\(title)</h2>
      <p>\(explanation)</p>
      <div class="wide"><table>
      <thead>\(row(columns, "th"))</thead>
      <tbody>\(rows.map { row($0, "td") })</tbody>
      </table></div>

      """
  }
}
