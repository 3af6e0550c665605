import Lab
import ServiceModel

/// Starts the proxy on the node and reads its rules, its metrics and its health.
extension LiveNode {
  private var sourceArguments: [String] {
    [
      "--config", folder.path + "/config.yaml", "--hostname-override", node.name, "--iptables-backend",
      backend.rawValue,
    ]
  }

  private var networks: [String] {
    ["--service-subnet", IPFamily.allCases.map { "\(Layout.serviceNetwork($0))" }.joined(separator: ",")]
  }

  func startProxy(_ flags: [String] = [], environment: [String: String] = [:]) async throws -> Daemon {
    try await lab.start([Program.path] + sourceArguments + networks + flags, environment: environment, on: node)
  }

  /// Runs the proxy with flags with which it ends by itself.
  func runProxy(_ flags: [String]) async throws -> CommandResult {
    try await Command([Program.path] + sourceArguments + networks + flags).result(in: node.namespace)
  }

  /// Starts it and waits until the rules of both families are in place.
  func startedProxy(_ flags: [String] = [], environment: [String: String] = [:]) async throws -> Daemon {
    let daemon = try await startProxy(flags, environment: environment)
    try await daemon.waitForSync(after: 0)
    return daemon
  }

  /// The output of `diff` for the kernel and the plan; empty if they are equal.
  func difference() async throws -> String {
    let result = try await Command([Program.path, "diff", "--kernel"] + sourceArguments + networks)
      .result(in: node.namespace)
    return result.status == 0 ? "" : "exit status \(result.status)\n\(result.output)\(result.errors)"
  }

  /// The status of an HTTP answer of the proxy's health server.
  func health(_ path: String = "/healthz") async throws -> String {
    try await Command(
      ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "http://127.0.0.1:10256\(path)"]
    ).result(in: node.namespace).output
  }

  /// The value of a metric of the proxy, by its name with labels; nil if the metric or the server does not exist yet.
  /// - Parameter port: where the program serves its metrics.
  func metric(_ name: String, port: UInt16 = 10249) async throws -> Double? {
    let text = try await Command(["curl", "--silent", "http://127.0.0.1:\(port)/metrics"])
      .result(in: node.namespace).output
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    return line.flatMap { Double($0.dropFirst(name.count + 1)) }
  }

  /// All rules of both families.
  func rules() async throws -> [String] {
    var rules: [String] = []
    for family in IPFamily.allCases { rules += try await backend.rules(family, in: node.namespace) }
    return rules
  }

  /// Asks a cluster IP from the pod.
  func ask(_ service: ServiceObject, _ family: IPFamily, port: UInt16 = 80) async throws -> Outcome {
    try await client.ask(.tcp, service.clusterIP(family), port: port, timeout: 1000)
  }
}
