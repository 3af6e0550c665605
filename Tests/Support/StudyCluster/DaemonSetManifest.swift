import Yams

/// What a manifest as `manifests/swift-kube-proxy.yaml` gives a node: the files of its ConfigMap and its containers' command lines.
public struct DaemonSetManifest: Sendable {
  /// File names and contents, mounted at `/var/lib/kube-proxy`.
  public var files: [String: String]
  /// The init container's words, with `$(NODE_NAME)` in them; empty without one.
  public var initCommand: [String]
  /// The container's words, with `$(NODE_NAME)` in them.
  public var command: [String]
  /// Whether the container has all rights.
  public var isPrivileged: Bool

  public struct Malformed: Error, CustomStringConvertible {
    public let description: String
  }

  public init(yaml: String) throws {
    var files: [String: String]?
    var pod: [String: Any]?
    for document in try Yams.load_all(yaml: yaml) {
      guard let object = document as? [String: Any], let kind = object["kind"] as? String else { continue }
      if kind == "ConfigMap" { files = object["data"] as? [String: String] }
      if kind == "DaemonSet" { pod = Self.member(object, "spec", "template", "spec") as? [String: Any] }
    }
    guard let files, let pod else { throw Malformed(description: "there is no ConfigMap or no DaemonSet") }
    self.files = files
    initCommand = pod["initContainers"] == nil ? [] : try Self.command(pod, "initContainers")
    command = try Self.command(pod, "containers")
    let container = (pod["containers"] as? [Any])?.first
    isPrivileged = Self.member(container, "securityContext", "privileged") as? Bool ?? false
  }

  private static func member(_ object: Any?, _ path: String...) -> Any? {
    path.reduce(object) { ($0 as? [String: Any])?[$1] }
  }

  private static func command(_ pod: [String: Any], _ list: String) throws -> [String] {
    guard let containers = pod[list] as? [[String: Any]], containers.count == 1,
      let command = containers[0]["command"] as? [String]
    else { throw Malformed(description: "\(list) does not hold one container with a command") }
    return command + (containers[0]["args"] as? [String] ?? [])
  }
}
