import Foundation

/// The contents of manifests/monitoring.
enum Monitoring {
  /// A panel of the dashboard.
  struct Panel: Sendable {
    let title: String
    let description: String
    let (x, y, width, height): (Int, Int, Int, Int)
    let queries: [String]
  }

  /// All panels except the headings.
  static func panels() throws -> [Panel] {
    let url = Manifests.folder.appending(path: "monitoring/dashboard.json")
    let dashboard = Part(try JSONSerialization.jsonObject(with: try Data(contentsOf: url)))
    return dashboard["panels"].list.filter { $0["type"].string != "row" }.map { panel in
      func place(_ key: String) -> Int { panel["gridPos"][key].value as? Int ?? -1 }
      return Panel(
        title: panel["title"].string ?? "", description: panel["description"].string ?? "", x: place("x"),
        y: place("y"), width: place("w"), height: place("h"),
        queries: panel["targets"].list.compactMap { $0["expr"].string })
    }
  }

  static func alerts() throws -> [Part] {
    try Manifests.objects("monitoring/alerts.yaml").flatMap { $0["groups"].list }.flatMap { $0["rules"].list }
  }

  /// A program of Prometheus, where scripts/setup puts it.
  static func program(_ name: String) -> String {
    Manifests.folder.deletingLastPathComponent().appending(path: ".build/prometheus/usr/bin/\(name)").path
  }
}
