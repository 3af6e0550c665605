import Foundation
import Glibc
import Lab
import ServiceModel
import Testing

/// A node that boots without its API server.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct StateFileTests {
  private static func flags(_ path: String, after: String) -> [String] {
    ["--state-file", path, "--state-after", after, "-v", "5"]
  }

  /// Removes all iptables rules, as a reboot does.
  private static func reboot(_ live: LiveNode) async throws {
    for program in ["iptables", "ip6tables"] {
      for table in ["nat", "filter", "mangle"] {
        let command = "\(program)-\(live.backend.rawValue)"
        // Remove the rules first: a chain that a rule uses cannot be deleted.
        for action in ["-F", "-X"] {
          _ = try await Command([command, "-w", "-t", table, action]).run(in: live.node.namespace)
        }
      }
    }
    #expect(try await live.rules().filter { $0.contains("KUBE-") } == [])
  }

  private static func isWritten(_ line: String) -> Bool { line.contains("state written to its file") }

  @Test(arguments: Backend.allCases)
  func `after a reboot without an API server the Services answer from the file; later what differs is written at once`(
    _ backend: Backend
  ) async throws {
    try await LiveNode.with(backend) { live in
      var moving = live.service("moving", 11, on: ["s1"])
      let untouched = live.service("untouched", 10, on: ["s1", "s2"])
      let doomed = live.service("doomed", 12, on: ["s2"])
      for service in [moving, untouched, doomed] { try live.apply(service) }
      let path = live.folder.path + "/state"
      let first = try await live.startedProxy(Self.flags(path, after: "1s"))
      try await first.waitForLine("the state's file", where: Self.isWritten)
      first.send(SIGKILL)
      try await first.waitForEnd()
      live.stopServer()
      try await Self.reboot(live)
      #expect(try await live.ask(untouched, .ipv4).endpoint == nil)

      // The API server does not run now. The proxy gets these changes later.
      moving.endpoints = [.init(live.lab.pod("s2"))]
      try live.apply(moving)
      try live.apply(live.service("new", 13, on: ["s1"]))
      live.remove(doomed)
      let daemon = try await live.startProxy(Self.flags(path, after: "1s"))
      try await daemon.waitForSync(after: 0)
      // Print these log lines with their times. They show how long after --state-after the rules were in the kernel.
      let steps = ["following the API server", "rules use the last known state", "rules synced"]
      print(daemon.lines.filter { line in steps.contains { line.contains($0) } }.joined(separator: "\n"))
      for family in IPFamily.allCases {
        #expect(try await live.ask(moving, family).endpoint == "s1")
        #expect(try await live.ask(doomed, family).endpoint == "s2")
        #expect(["s1", "s2"].contains(try await live.ask(untouched, family).endpoint))
      }
      #expect(daemon.lines.filter { $0.contains("rules use the last known state") }.count == 1)
      #expect(try await live.health() == "200")
      #expect(try #require(try await live.metric("swiftkubeproxy_state_age_seconds")) > 0)
      #expect(try await live.metric("swiftkubeproxy_state_restored_total") == 1)
      let body = try await Command(["curl", "--silent", "http://127.0.0.1:10256/healthz"]).run(in: live.node.namespace)
      #expect(body.contains(#""stateTime":"2"#))

      let bystanders = IPFamily.allCases.map {
        SteadyClient(Request(.tcp, untouched.clusterIP($0), port: 80), from: live.client, rate: 100)
      }
      for bystander in bystanders { try await bystander.waitForMore(50) }
      let mark = daemon.mark
      try await live.startServer()
      try await daemon.waitForLine("the API server", after: mark) { $0.contains("the rules use its objects again") }
      try await eventually("the change is followed") { try await live.ask(moving, .ipv4).endpoint == "s2" }
      try await eventually("the change is followed") { try await live.ask(moving, .ipv6).endpoint == "s2" }
      #expect(try await live.ask(doomed, .ipv4).endpoint == nil)
      #expect(try await live.ask(live.service("new", 13, on: []), .ipv4).endpoint == "s1")
      for bystander in bystanders {
        try await bystander.waitForMore(50)
        let report = try await bystander.stop()
        #expect(report.failures == [])
      }
      for family in IPFamily.allCases {
        let syncs = daemon.lines.dropFirst(mark).filter { $0.contains("rules synced") && $0.contains(family.rawValue) }
        #expect(syncs.count == 1, "\(syncs)")
        #expect(syncs.allSatisfy { $0.contains("partial") }, "nothing is flushed: \(syncs)")
      }
      #expect(try await live.metric("swiftkubeproxy_state_age_seconds") == 0)
      #expect(try await live.difference() == "")
      #expect(await daemon.stop() == 0)
    }
  }

  @Test
  func `if the API server answers in time, the file is not used`() async throws {
    try await LiveNode.with { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let path = live.folder.path + "/state"
      try Data("not a state file".utf8).write(to: URL(filePath: path))
      let daemon = try await live.startedProxy(Self.flags(path, after: "10s"))
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      try await daemon.waitForLine("a warning") { $0.contains("the state file cannot be written") }
      #expect(try await live.metric("swiftkubeproxy_state_restored_total") == 0)
      #expect(await daemon.stop() == 0)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "not a state file")
    }
  }

  /// Why a file cannot be written.
  enum Obstacle: String, CaseIterable {
    case fullDisk, readOnlyDirectory, wrongOwner, missingDirectory
  }

  @Test(arguments: Obstacle.allCases)
  func `a file that cannot be written causes only a warning`(_ obstacle: Obstacle) async throws {
    try await LiveNode.with { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let disk = live.folder.path + "/disk"
      let path = disk + "/state"
      if obstacle != .missingDirectory {
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
      }
      var problem = "No such file or directory"
      switch obstacle {
      case .fullDisk:
        _ = try await Command(["mount", "-t", "tmpfs", "-o", "size=16k", "state-test", disk]).run()
        // Fill the disk.
        _ = FileManager.default.createFile(atPath: disk + "/filler", contents: nil)
        _ = try await Command(["dd", "if=/dev/zero", "of=\(disk)/filler", "bs=4096", "count=4"]).result()
        problem = "No space left on device"
      case .readOnlyDirectory:
        _ = try await Command(["mount", "-t", "tmpfs", "-o", "ro,size=16k", "state-test", disk]).run()
        problem = "Read-only file system"
      case .wrongOwner:
        try Data("SKPSTATE".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.ownerAccountID: 12345], ofItemAtPath: path)
        problem = "belongs to user 12345"
      case .missingDirectory: break
      }
      func unmount() async throws {
        if obstacle == .fullDisk || obstacle == .readOnlyDirectory { _ = try await Command(["umount", disk]).run() }
      }
      do {
        let daemon = try await live.startedProxy(Self.flags(path, after: "10s"))
        let expected = problem
        try await daemon.waitForLine("a warning") {
          $0.contains("the state file cannot be written") && $0.contains(expected)
        }
        #expect(try await live.ask(web, .ipv4).endpoint == "s1")
        #expect(try await live.health() == "200")
        let mark = daemon.mark
        try live.apply(live.service("more", 11, on: ["s2"]))
        try await daemon.waitForSync(after: mark)
        #expect(await daemon.stop() == 0)
        #expect(daemon.lines.filter { $0.contains("cannot be written") }.count == 1)
        #expect(!FileManager.default.fileExists(atPath: path + ".tmp"))
      } catch {
        try await unmount()
        throw error
      }
      try await unmount()
    }
  }
}
