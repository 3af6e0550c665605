import APIServerFixture
import ServiceModel
import Testing

@testable import Watcher

/// The whole way: state machine, libcurl and decoder against a server in this process.
@Suite(.timeLimit(.minutes(1))) struct ClusterWatcherTests {
  @Test func listsThenFollowsChanges() async throws {
    let cluster = try WatchedCluster()
    try cluster.addService("web")
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all web"])
      try cluster.addService("db")
      #expect(await cluster.channel.next().map(\.summary) == ["set db"])
      cluster.store.delete(.init(.services, namespace: "default", name: "web"))
      #expect(await cluster.channel.next().map(\.summary) == ["remove web"])
    }
    #expect(cluster.watcher.status[0].lists == 1)
  }

  @Test func fallsBackToPagedListsWhereStreamingIsMissing() async throws {
    var options = APIServer.Options()
    options.streamsLists = false
    let cluster = try WatchedCluster(options: options)
    for index in 0..<20 { try cluster.addService("web-\(index)") }
    try await cluster.follow {
      guard case .replaceServices(let services) = await cluster.channel.next().first else {
        Issue.record("no list")
        return
      }
      #expect(services.count == 20)
      try cluster.addService("db")
      #expect(await cluster.channel.next().map(\.summary) == ["set db"])
    }
  }
}
