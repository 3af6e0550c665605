import Foundation
import Glibc
import Lab
import ServiceModel
import Testing

/// What a supervisor, an operator and other programs do to the proxy.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LifeCycleTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func `SIGTERM ends the proxy, and its rules stay`(_ signal: Int32) async throws {
    try await LiveNode.with { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      let rules = try await live.rules()
      daemon.send(signal)
      #expect(try await daemon.waitForEnd() == 0)
      #expect(try await live.rules() == rules)
      #expect(rules.contains { $0.contains("lab/web:http") })
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal during the start ends the proxy in order, also as the first process of a container`(_ signal: Int32)
    async throws
  {
    try await LiveNode.with { live in
      let (hang, hangs) = (live.folder.path + "/hang", live.folder.path + "/hangs")
      try live.folder.write("", to: "hang")
      defer { try? FileManager.default.removeItem(atPath: hang) }
      // The proxy asks this program for its version before anything else.
      for family in IPFamily.allCases {
        let script = "#!/bin/sh\ntouch \(hangs)\nwhile [ -e \(hang) ]; do sleep 0.1; done\nexit 1\n"
        try await live.folder.writeProgram(script, to: live.backend.restore(family))
      }
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin"
      let daemon = try await live.startProxy(environment: ["PATH": "\(live.folder.path):\(path)"])
      try await eventually("the start is under way") { FileManager.default.fileExists(atPath: hangs) }
      daemon.send(signal)
      #expect(try await daemon.waitForEnd() == 0)
      #expect(daemon.lines.contains { $0.contains("stopping; the rules stay") })
    }
  }

  @Test
  func `SIGTERM ends the proxy during a restore, and no rule changes`() async throws {
    try await LiveNode.with { live in
      // A restore that ignores signals and, after the test has asked for it, runs until the test ends it.
      let (hang, hangs) = (live.folder.path + "/hang", live.folder.path + "/hangs")
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin"
      for family in IPFamily.allCases {
        let script = """
          #!/bin/sh
          PATH="\(path):/usr/sbin:/sbin"
          [ -e \(hang) ] || exec \(live.backend.restore(family)) "$@"
          trap '' TERM INT
          touch \(hangs)
          while [ -e \(hang) ]; do sleep 0.1; done
          exit 1

          """
        try await live.folder.writeProgram(script, to: live.backend.restore(family))
      }
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy(environment: ["PATH": "\(live.folder.path):\(path)"])
      let rules = try await live.rules()
      try live.folder.write("", to: "hang")
      defer { try? FileManager.default.removeItem(atPath: hang) }
      try live.apply(live.service("more", 11, on: ["s2"]))
      try await eventually("a restore is under way") { FileManager.default.fileExists(atPath: hangs) }
      daemon.send(SIGTERM)
      #expect(try await daemon.waitForEnd() == 0)
      #expect(FileManager.default.fileExists(atPath: hang), "nobody waited for the restore")
      #expect(try await live.rules() == rules)
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      #expect(daemon.lines.filter { $0.contains("failed") } == [])
    }
  }

  @Test
  func `--init-only sets what needs more privileges, and does nothing else`() async throws {
    try await LiveNode.with { live in
      let sysctl = Command(["cat", "/proc/sys/net/ipv4/conf/all/route_localnet"])
      #expect(try await sysctl.run(in: live.node.namespace) == "0\n")
      let result = try await live.runProxy(["--init-only"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(try await sysctl.run(in: live.node.namespace) == "1\n")
      #expect(try await live.rules().filter { $0.contains("KUBE-") } == [])
      #expect(live.requests.isEmpty)
    }
  }

  @Test
  func `SIGUSR1 writes the planned rules to a file that only root may read`() async throws {
    try await LiveNode.with { live in
      try live.apply(live.service("web", 10, on: ["s1"]))
      let daemon = try await live.startedProxy()
      daemon.send(SIGUSR1)
      try await daemon.waitForLine("the dump's path") { $0.contains("state written") }
      let said = try #require(daemon.lines.first { $0.contains("state written") })
      let quoted = said.split(separator: "\"").first { $0.hasPrefix("/tmp/swift-kube-proxy-") }
      let path = String(try #require(quoted))
      defer { try? FileManager.default.removeItem(atPath: path) }
      let dump = try String(contentsOfFile: path, encoding: .utf8)
      #expect(dump.hasPrefix("# 1 Services, 2 EndpointSlices, 1 Nodes\n"))
      #expect(dump.contains("--comment \"lab/web:http -> 10.10.0.3:8080\""))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(daemon.status == nil)
    }
  }

  @Test
  func `a changed configuration file ends the proxy, and the next start uses it`() async throws {
    try await LiveNode.with { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      #expect(try await live.ask(web, .ipv4).source == live.client.addresses.ipv4)
      try live.configure(masqueradeAll: true)
      #expect(try await daemon.waitForEnd() != 0)
      #expect(daemon.lines.contains { $0.contains("config.yaml changed") })
      _ = try await live.startedProxy()
      #expect(try await live.ask(web, .ipv4).source == live.node.gateway(.ipv4), "masqueraded now")
      let difference = try await live.difference()
      #expect(difference == "")
    }
  }

  /// On the legacy backend, a missing canary chain shows a flush. The proxy looks for it every sync period.
  @Test(arguments: [(Backend.nft, ["-F", "KUBE-SERVICES"]), (.nft, ["-F"]), (.legacy, ["-F"])])
  func `rules that another program flushed are restored`(_ backend: Backend, _ words: [String]) async throws {
    try await LiveNode.with(backend) { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      if backend == .legacy {
        try await Command([backend.iptables(.ipv4), "-w", "-t", "nat", "-F"]).run(in: live.node.namespace)
      }
      let removing = backend == .legacy ? ["-X"] : words
      try await Command([backend.iptables(.ipv4), "-w", "-t", "nat"] + removing).run(in: live.node.namespace)
      try await eventually("the rules are back") { try await live.difference() == "" }
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      #expect(daemon.lines.contains { $0.contains("by another program") })
    }
  }
}
