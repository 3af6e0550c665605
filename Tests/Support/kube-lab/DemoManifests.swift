import Foundation
import KubernetesAPI
import Lab
import ServiceModel

/// A copy of the manifests that the demo edits like a user.
final class DemoManifests: Sendable {
  let folder: URL

  init(copyOf source: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "kube-lab-\(getpid())")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.copyItem(at: URL(filePath: source), to: folder)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
  }

  /// Removes the lines that contain a text, and returns them.
  func remove(linesWith text: String, from name: String) throws -> [String] {
    let lines = try read(name).split(separator: "\n", omittingEmptySubsequences: false)
    let removed = lines.filter { $0.contains(text) }.map(String.init)
    try write(lines.filter { !$0.contains(text) }.joined(separator: "\n"), to: name)
    return removed
  }

  /// The Services as the proxy reads them: a heading, and one row for each Service.
  func serviceTable() throws -> [[String]] {
    let snapshot = try ManifestLoader().load(folder.path).snapshot()
    let rows = snapshot.services.values.sorted { $0.name < $1.name }.map { service in
      let ports = service.ports.map { port in
        "\(port.port)\(port.nodePort.map { ":\($0)" } ?? "")/\(port.name.transport.rawValue)"
      }
      let endpoints = IPFamily.allCases.flatMap { snapshot.slices(of: service.name, family: $0) }.flatMap(\.endpoints)
        .count
      return [
        "\(service.name)", service.type.rawValue, service.clusterIPs.map(\.description).joined(separator: ", "),
        ports.joined(separator: ", "), "\(endpoints)",
      ]
    }
    return [["SERVICE", "TYPE", "CLUSTER IP", "PORT", "ENDPOINTS"]] + rows
  }
}
