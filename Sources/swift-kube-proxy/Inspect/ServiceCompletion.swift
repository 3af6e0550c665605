import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import ServiceModel

/// Names of Services for shells to complete: from the manifests or the rules that the command line names so far.
enum ServiceCompletion {
  /// For `--to`.
  static func destinations(_ words: [String]) async -> [String] {
    let last = words.lastIndex(of: "--to").map { Array(words[($0 + 1)...]) } ?? []
    return (last.contains("service") ? [] : ["service"]) + (await names(words))
  }

  /// All Services, as `namespace/name`.
  static func names(_ words: [String]) async -> [String] {
    var names: Set<NamespacedName> = []
    if let path = value("--manifests", words), let contents = try? ManifestLoader().load(path) {
      names.formUnion(contents.services.map(\.name))
    }
    if let path = value("--rules", words), let dump = try? Sources.dump(path) {
      for rules in dump.values { names.formUnion(RuleIndex(rules).services) }
    }
    if let path = value("--kubeconfig", words),
      let connection = try? ClusterSource.connection(kubeconfig: path, master: nil)
    {
      // Nobody waits longer for a shell.
      let reader = ClusterReader(
        connection: connection, nodeName: HostName.current, patience: .seconds(1), limit: .seconds(3))
      if let snapshot = try? await reader.read() { names.formUnion(snapshot.services.keys) }
    }
    return names.sorted().map(\.description)
  }

  private static func value(_ option: String, _ words: [String]) -> String? {
    if let index = words.firstIndex(of: option), index + 1 < words.count { return words[index + 1] }
    return words.first { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
  }
}
