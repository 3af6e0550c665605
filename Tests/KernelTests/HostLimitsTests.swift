import Configuration
import Lab
import ServiceModel
import Testing

/// Hosts on which resources are missing that the proxy normally has.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct HostLimitsTests {
  private func withNode(_ body: (Lab, LabNode) async throws -> Void) async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in try await body(lab, lab.node("worker-a")) }
  }

  @Test
  func `where IPv6 is disabled on all interfaces, nothing is written for it, and diff leaves it out`() async throws {
    try await withNode { lab, node in
      try await node.namespace.setSysctls(["ipv6/conf/all/disable_ipv6": "1"])
      let arguments = KernelRulesTests.arguments(.nft)
      let proxy = try await lab.start(arguments, on: node)
      try await proxy.waitForSync([.ipv4], after: 0)
      #expect(await proxy.stop() == 0)
      #expect(proxy.lines.contains { $0.contains("IP family is left out") && $0.contains("disable_ipv6") })
      #expect(try await Backend.nft.rules(.ipv6, in: node.namespace).filter { $0.contains("KUBE-") } == [])
      let diff = try await Command([Program.path, "diff", "--kernel"] + arguments.dropFirst())
        .result(in: node.namespace)
      #expect(diff.errors.contains("ipv6 is left out"))
      #expect(!diff.output.contains("IPv6"), "\(diff.output)")
    }
  }

  @Test
  func `--init-only ends with status 1 if it cannot set a sysctl`() async throws {
    try await withNode { lab, node in
      let mount = "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec \"$@\""
      let result = try await Command(
        ["unshare", "-m", "sh", "-c", mount, "sh", Program.path, "--init-only", "--hostname-override", "worker-a"]
      ).result(in: node.namespace)
      #expect(result.status == 1)
      #expect(result.errors.contains("sysctl could not be set; run this container privileged"), "\(result.errors)")
      #expect(!result.errors.contains("init container"), "this process is the init container")
      #expect(result.errors.contains("route_localnet"))
    }
  }

  /// The command that runs a program in a user namespace in which no inotify instance can be created.
  private func withoutInotify(_ arguments: [String]) -> [String] {
    let limit = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\""
    return ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", limit, "sh"] + arguments
  }

  @Test
  func `without an inotify instance --init-only watches nothing`() async throws {
    let folder = try ScratchFolder()
    try folder.write(
      """
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
      iptables: {localhostNodePorts: false}

      """, to: "config.yaml")
    let result = try await Command(
      withoutInotify([Program.path, "--init-only", "--config", "\(folder.path)/config.yaml"])
    ).result()
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.errors.contains("inotify"))
  }

  @Test
  func `without an inotify instance the daemon still follows its files, and names the sysctl`() async throws {
    try await withNode { lab, node in
      let folder = try ScratchFolder()
      func write(_ nodePort: Int) throws {
        try folder.write(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: web, namespace: lab}
          spec: {type: NodePort, clusterIP: 10.96.0.10, ports: [{port: 80, nodePort: \(nodePort)}]}

          """, to: "web.yaml")
      }
      try write(30080)
      let proxy = try await lab.start(
        withoutInotify([
          Program.path, "--manifests", folder.path, "--hostname-override", "worker-a", "--iptables-backend", "nft",
          "--healthz-bind-address=", "--metrics-bind-address=", "--oom-score-adj=0",
        ]), on: node)
      try await proxy.waitForLine("word of the limit") { $0.contains("fs.inotify.max_user_instances") }
      try await proxy.waitForSync([.ipv4], after: 0)
      let mark = proxy.mark
      try write(30081)
      try await proxy.waitForSync([.ipv4], after: mark)
      await proxy.stop()
      #expect(proxy.lines.filter { $0.contains("fs.inotify.max_user_instances") }.count == 1)
    }
  }
}
