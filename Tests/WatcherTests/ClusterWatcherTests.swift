import APIServerFixture
import Doubles
import KubernetesAPI
import ServiceModel
import System
import Testing
import Time

@testable import Watcher

/// State machine, libcurl and decoder together, against a server in this process.
@Suite(.timeLimit(.minutes(1))) struct ClusterWatcherTests {
  @Test(arguments: [true, false])
  func `lists then follows changes`(_ speaksProtobuf: Bool) async throws {
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
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

  @Test(arguments: [true, false])
  func `falls back to paged lists where streaming is missing`(_ speaksProtobuf: Bool) async throws {
    var options = APIServer.Options()
    options.streamsLists = false
    let cluster = try WatchedCluster(options: options, speaksProtobuf: speaksProtobuf)
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

  @Test func `an API server without ServiceCIDRs is followed too`() async throws {
    var options = APIServer.Options()
    options.missing = [.serviceCIDRs]
    let cluster = try WatchedCluster(options: options, resources: [.serviceCIDR])
    try await cluster.follow {
      #expect(await cluster.channel.next() == [.replaceServiceCIDRs([])])
      // The watcher asks again after a pause of more than 5 minutes.
      let slept = await cluster.clock.slept { !$0.isEmpty }
      #expect(slept.first.map { $0 > .seconds(300) } == true)
    }
    let status = cluster.watcher.status[0]
    #expect(status.isSynced)
    #expect(status.lastError?.hasPrefix("404") == true)
  }

  @Test func `ServiceCIDRs are followed once the API server has them`() async throws {
    let cluster = try WatchedCluster(resources: [.serviceCIDR])
    let isServed = Watched(false)
    // Only the first request is refused, because each refusal sends an event.
    cluster.server.react { _ in
      let isFirst = isServed.withLock { isServed in
        defer { isServed = true }
        return !isServed
      }
      return isFirst ? .respond(.failure(404, reason: "NotFound")) : .serve
    }
    func add(_ name: String, _ cidr: String) throws {
      try cluster.store.apply(
        json: #"{"apiVersion":"networking.k8s.io/v1","kind":"ServiceCIDR","metadata":{"name":"\#(name)"},"#
          + #""spec":{"cidrs":["\#(cidr)"]}}"#)
    }
    try add("kubernetes", "10.96.0.0/16")
    try await cluster.follow {
      #expect(await cluster.events(atLeast: 2).map(\.summary) == ["all CIDRs ", "all CIDRs 10.96.0.0/16"])
      try add("more", "10.97.0.0/16")
      #expect(await cluster.channel.next().map(\.summary) == ["all CIDRs 10.96.0.0/16 10.97.0.0/16"])
    }
  }

  @Test(arguments: [true, false])
  func `only the object that cannot be read is left out`(_ speaksProtobuf: Bool) async throws {
    let cluster = try WatchedCluster(speaksProtobuf: speaksProtobuf)
    try cluster.addService("web")
    try cluster.store.apply(
      json:
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"odd"},"spec":{"clusterIP":"10.0.0.1\"","ports":7}}"#)
    try await cluster.follow {
      #expect(await cluster.channel.next().map(\.summary) == ["all web"])
      // If a valid object becomes invalid, it is removed.
      try cluster.addService("web", clusterIP: "not-an-address")
      #expect(await cluster.channel.next().map(\.summary) == ["remove web"])
      try cluster.addService("web")
      #expect(await cluster.channel.next().map(\.summary) == ["set web"])
    }
    #expect(cluster.watcher.status[0].rejectedObjects == 2)
  }

  @Test func `nodes that start together send their first requests at random times`() async throws {
    let clock = PromptClock()
    let transport = MemoryTransport { _ in .silence }
    let watcher = ClusterWatcher(
      transport: transport, nodeName: "n", output: ClusterEventChannel(), logger: .silent, startSpread: .seconds(1),
      clock: clock, random: { 0.5 })
    let running = Task { await watcher.run() }
    await transport.requests { $0.count == 3 }
    running.cancel()
    await running.value
    #expect(clock.slept.map(\.inSeconds) == [0.5], "a random part of a second, once for all watches")
  }

  @Test func `the status shows state, counts and times`() async throws {
    let cluster = try WatchedCluster()
    #expect(cluster.watcher.status == [WatchStatus(resource: .service)])
    try cluster.addService("web")
    try await cluster.follow {
      _ = await cluster.channel.next()
      let status = cluster.watcher.status[0]
      #expect(status.state == .watching)
      #expect(status.isSynced)
      #expect(status.objects == 1)
      #expect(status.lists == 1)
      #expect(status.watches == 1)
      #expect(status.errors == 0)
      #expect(status.lastResourceVersion == "\(cluster.store.resourceVersion)")
      #expect(status.lastEventTime != nil)
    }
  }
}
