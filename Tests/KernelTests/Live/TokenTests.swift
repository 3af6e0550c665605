import APIServerFixture
import Lab
import ServiceModel
import Testing

/// The proxy shows a token that rotates, over HTTPS, as a pod's service account does.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct TokenTests {
  @Test
  func `a token that rotates: traffic follows changes before and after, and rules stay while it is refused`()
    async throws
  {
    try await LiveNode.with(.nft, .tokenFile) { live in
      var web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      #expect(try await live.status(with: LiveNode.firstToken) == "200")

      // kubelet replaces the file well before the old token ends.
      try live.issue("second")
      live.accept("second")
      #expect(try await live.status(with: LiveNode.firstToken) == "401")
      web.endpoints = [.init(live.lab.pod("s2"))]
      try live.apply(web)
      try await eventually("the change after the rotation") { try await live.ask(web, .ipv4).endpoint == "s2" }
      #expect(live.requests.last?.headers["authorization"] == "Bearer second")

      // Now the new file comes after the old token has ended.
      let mark = daemon.mark
      live.accept("third")
      try await daemon.waitForLine("word of the refusal", after: mark) { $0.contains("Unauthorized") }
      web.endpoints = [.init(live.lab.pod("s1"))]
      try live.apply(web)
      #expect(try await live.ask(web, .ipv4).endpoint == "s2", "the rules stay")
      try live.issue("third")
      for family in IPFamily.allCases {
        try await eventually("\(family) has caught up") { try await live.ask(web, family).endpoint == "s1" }
      }
      #expect(try await live.status(with: "second") == "401")
      #expect(daemon.status == nil)
      #expect(try await live.difference() == "")
    }
  }
}
