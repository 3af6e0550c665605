import ArgumentParser
import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import ServiceModel

/// Completes names of Services in shells. They come from the manifests or rules that the command line names so far.
enum ServiceCompletion {
  /// For the value of `--to`.
  static func destinations(_ words: [String]) async -> [String] {
    ["service"] + (await services(words, withPorts: true))
  }

  /// For the word after `--to service`.
  static func afterService(_ words: [String]) async -> [String] {
    guard value("--to", words) == "service" else { return [] }
    return await services(words, withPorts: true)
  }

  /// All Services as `namespace/name`; once there is a colon and `withPorts`, their ports as `namespace/name:port`.
  static func services(_ words: [String], withPorts: Bool = false) async -> [String] {
    let known = await labels(words)
    guard withPorts, let current = words.last, current.contains(":") else {
      return Set(known.map(\.service)).sorted().map(\.description)
    }
    return escaped(Set(known.filter { !$0.port.isEmpty }).sorted().map(\.description))
  }

  private static func labels(_ words: [String]) async -> [ServiceLabel] {
    var labels: [ServiceLabel] = []
    if let path = value("--manifests", words), let contents = try? ManifestLoader().load(path) {
      labels += contents.services.flatMap(ServiceCompletion.labels)
    }
    if let path = value("--rules", words), let dump = try? Sources.dump(path) {
      for index in dump.values.map(RuleIndex.init) {
        labels += index.addresses.map(\.label) + index.services.map { ServiceLabel(service: $0, port: "") }
      }
    }
    if let path = value("--kubeconfig", words),
      let connection = try? ClusterSource.connection(kubeconfig: path, master: nil)
    {
      // A user who presses Tab does not wait longer.
      let reader = ClusterReader(
        connection: connection, nodeName: LocalHostName.current, patience: .seconds(1), limit: .seconds(3))
      if let snapshot = try? await reader.read() {
        labels += snapshot.services.values.flatMap(ServiceCompletion.labels)
      }
    }
    return labels
  }

  private static func labels(_ service: Service) -> [ServiceLabel] {
    [ServiceLabel(service: service.name, port: "")]
      + service.ports.map { ServiceLabel(service: service.name, port: $0.name.port) }
  }

  /// In zsh the text after a colon is a description, so colons are escaped.
  private static func escaped(_ words: [String]) -> [String] {
    CompletionShell.requesting == .zsh ? words.map { $0.replacing(":", with: "\\:") } : words
  }

  private static func value(_ option: String, _ words: [String]) -> String? {
    if let index = words.firstIndex(of: option), index + 1 < words.count { return words[index + 1] }
    return words.first { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
  }
}
