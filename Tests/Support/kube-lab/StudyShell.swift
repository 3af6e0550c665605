import Foundation
import Lab
import StudyCluster

/// A shell beside the cluster. Its command `on` runs programs on the cluster's hosts.
final class StudyShell: Sendable {
  private let lab: Lab
  private let objects: String
  private let folder: URL

  init(_ cluster: StudyCluster, proxy: String) throws {
    lab = cluster.lab
    objects = cluster.objects.path
    folder = FileManager.default.temporaryDirectory.appending(path: "kube-lab-shell-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let hosts: [any LabHost] = lab.nodes + lab.pods + [lab.outsider]
    let cases = hosts.map { "  \($0.name)) namespace=\($0.namespace.name) ;;\n" }.joined()
    let script = """
      #!/bin/sh
      # Runs a command on a node, in a pod, or on the machine outside.
      case "$1" in
      \(cases)  *) echo "usage: on HOST COMMAND..." >&2; exit 2 ;;
      esac
      shift
      exec ip netns exec "$namespace" "$@"

      """
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "swift-kube-proxy"), withDestinationURL: URL(filePath: proxy).absoluteURL)
    let on = folder.appending(path: "on")
    try Data(script.utf8).write(to: on)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: on.path)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func greet() {
    guard isatty(STDIN_FILENO) == 1 else { return }
    Screen.heading("The study cluster: `on HOST COMMAND...` runs something there; `exit` takes it all down")
    var rows = [["NODE", "ADDRESS", "PODS"]]
    for node in lab.nodes {
      let pods = lab.pods.filter { $0.node == node.name }.map { "\($0.name) \($0.addresses.ipv4)" }
      rows.append([node.name, "\(node.addresses.ipv4)", pods.joined(separator: ", ")])
    }
    rows.append([lab.outsider.name, "\(lab.outsider.addresses.ipv4)", "(outside)"])
    Screen.table(rows)
    Screen.command("on mypc curl http://172.18.0.3:30080/")
    Screen.command("on client curl http://10.200.1.80/")
    Screen.command("on kind-worker iptables -t nat -S KUBE-SERVICES")
    Screen.command("ls $OBJECTS        # edit them: it is as if kubectl did\n")
  }

  func run() async throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    let command = Command(
      ["bash", "--norc"], environment: ["PATH": "\(folder.path):\(path)", "PS1": "lab# ", "OBJECTS": objects])
    try await command.runInteractively()
  }
}
