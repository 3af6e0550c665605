import YAML

/// What a manifest like `manifests/swift-kube-proxy.yaml` brings to a node: the files of its ConfigMap and the command
/// lines of its containers.
package struct DaemonSetManifest: Sendable {
  /// File names and contents, mounted at `/var/lib/kube-proxy`.
  package var files: [String: String]
  /// The init container's command line, with `$(NODE_NAME)` not replaced. Empty if there is no init container.
  package var initCommand: [String]
  /// The container's command line, with `$(NODE_NAME)` not replaced.
  package var command: [String]
  /// Whether the container is privileged.
  package var isPrivileged: Bool

  package struct Malformed: Error, CustomStringConvertible {
    package let description: String
  }

  package init(yaml: String) throws {
    var files: [String: String]?
    var pod: YAMLNode?
    let documents = YAMLDocuments(yaml)
    while let object = try documents.next()?.root {
      if object["kind"]?.string == "ConfigMap" { files = try Self.files(object) }
      if object["kind"]?.string == "DaemonSet" { pod = object["spec"]?["template"]?["spec"] }
    }
    guard let files, let pod else { throw Malformed(description: "there is no ConfigMap or no DaemonSet") }
    self.files = files
    initCommand = pod["initContainers"] == nil ? [] : try Self.command(pod, "initContainers")
    command = try Self.command(pod, "containers")
    isPrivileged =
      pod["containers"]?.sequence?.first?["securityContext"]?["privileged"]?.scalar?.meaning == .bool(true)
  }

  private static func files(_ configMap: YAMLNode) throws -> [String: String] {
    let pairs = configMap["data"]?.mapping?.pairs ?? []
    return try pairs.reduce(into: [:]) { files, pair in
      guard let text = pair.value.string else {
        throw Malformed(description: "\(pair.key.text) of the ConfigMap is not a string")
      }
      files[pair.key.text] = text
    }
  }

  private static func command(_ pod: YAMLNode, _ list: String) throws -> [String] {
    guard let containers = pod[list]?.sequence, containers.count == 1, let command = strings(containers[0]["command"])
    else { throw Malformed(description: "\(list) does not hold one container with a command") }
    return command + (strings(containers[0]["args"]) ?? [])
  }

  /// nil unless the node is a list of strings.
  private static func strings(_ node: YAMLNode?) -> [String]? {
    guard let items = node?.sequence else { return nil }
    let strings = items.compactMap(\.string)
    return strings.count == items.count ? strings : nil
  }
}
