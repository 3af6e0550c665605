import APIServerFixture
import Foundation
import Lab
import ServiceModel
import StudyCluster
import Testing

/// The DaemonSet's containers on the study cluster, against an API server.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct StudyClusterTests {
  static func with(_ daemonSet: String? = nil, _ body: (StudyCluster) async throws -> Void) async throws {
    try await StudyCluster.with(
      program: Program.path, manifests: Program.packageRoot.appending(path: "manifests"), daemonSet: daemonSet, body)
  }

  @Test
  func `Services work beside kindnet's, portmap's and kubelet's rules, through what the DaemonSet may do`() async throws
  {
    try await StudyClusterTests.with { cluster in
      _ = try await cluster.startProxies()
      let lab = cluster.lab
      // Each request is answered, so nil is not among the endpoints.
      let echoes: Set<String?> = ["echo-1", "echo-2", "echo-3"]

      for family in IPFamily.allCases {
        let echo = Layout.address(80, in: Layout.serviceNetwork(family))
        let fromPod = try await lab.pod("client").ask(Request(.tcp, echo, port: 80), times: 60)
        #expect(Set(fromPod.map(\.endpoint)) == echoes)
        #expect(fromPod.allSatisfy { $0.source == lab.pod("client").addresses[family] })

        for node in lab.nodes {
          let outside = Request(.tcp, node.addresses[family], port: 30080)
          #expect(Set(try await lab.outsider.ask(outside, times: 60).map(\.endpoint)) == echoes, "\(node.name)")
        }
        let local = Request(.tcp, lab.node("kind-worker2").addresses[family], port: 30081)
        let answers = try await lab.outsider.ask(local, times: 40)
        #expect(Set(answers.map(\.endpoint)) == ["echo-2", "echo-3"])
        #expect(answers.allSatisfy { $0.source == lab.outsider.addresses[family] })
        let nobody = Request(.tcp, lab.node("kind-worker3").addresses[family], port: 30081, timeout: 300)
        #expect(try await lab.outsider.ask(nobody) == [.silent])

        // portmap's host port, and kindnet's masquerading of what leaves the cluster.
        let host = lab.node("kind-worker3").addresses[family]
        #expect(try await lab.outsider.ask(.tcp, host, port: StudyCluster.hostPort).endpoint == "registry")
        try await lab.responder.serve(lab.outsider, .tcp, port: family == .ipv4 ? 9004 : 9006)
        let leaving = try await lab.pod("client").ask(
          .tcp, lab.outsider.addresses[family], port: family == .ipv4 ? 9004 : 9006)
        #expect(leaving.source == lab.node("kind-worker").addresses[family])
      }
      #expect(try await lab.pod("client").ask(.udp, IPAddress("10.200.1.10")!, port: 53).endpoint != nil)
    }
  }

  @Test
  func `kubeadm's DaemonSet, ConfigMap and kubeconfig work unchanged with the image swapped`() async throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/kubeadm.yaml")
    try await StudyClusterTests.with(try String(contentsOf: file, encoding: .utf8)) { cluster in
      let daemons = try await cluster.startProxies()
      #expect(!daemons.flatMap(\.lines).contains { $0.hasPrefix("W") || $0.hasPrefix("E") }, "\(daemons[0].lines)")
      let (client, echo) = (cluster.lab.pod("client"), IPAddress("10.200.1.80")!)
      let answers = try await client.ask(Request(.tcp, echo, port: 80), times: 60)
      #expect(Set(answers.map(\.endpoint)) == ["echo-1", "echo-2", "echo-3"])
      #expect(answers.allSatisfy { $0.source == client.addresses.ipv4 })
    }
  }

  @Test
  func `a cluster IP that no Service has is refused at once`() async throws {
    try await StudyClusterTests.with { cluster in
      _ = try await cluster.startProxies()
      let client = cluster.lab.pod("client")
      #expect(try await client.ask(.tcp, IPAddress("10.200.1.222")!, port: 80) == .refused)
      #expect(try await client.ask(.udp, IPAddress("fd00:10:200::222")!, port: 53) == .refused)
    }
  }

  @Test
  func `objects that appear, change and go in the API are followed in the kernel`() async throws {
    try await StudyClusterTests.with { cluster in
      let daemons = try await cluster.startProxies()
      let lab = cluster.lab
      let (client, proxy) = (lab.pod("client"), daemons[lab.node("kind-worker").number])
      var service = ServiceObject(
        "later", 90, ports: [.init("http", .tcp, 80, target: 8080)],
        endpoints: [.init(lab.pod("echo-1")), .init(lab.pod("echo-3"))])

      /// Applies the Service as it is now, and waits until just these endpoints answer. nil stands for no answer.
      func expect(_ endpoints: Set<String?>, after change: () throws -> Void) async throws {
        let mark = proxy.mark
        try change()
        for family in IPFamily.allCases {
          let request = Request(.tcp, service.clusterIP(family), port: 80)
          try await proxy.waitForSyncs(after: mark) {
            Set(try await client.ask(request, times: 30).map(\.endpoint)) == endpoints
          }
        }
      }
      func apply() throws {
        for object in service.objects { try cluster.store.apply(json: object.text) }
      }

      try await expect(["echo-1", "echo-3"], after: apply)
      service.endpoints.removeFirst()
      try await expect(["echo-3"], after: apply)
      // The API server ends with all its connections. It starts again later, with changed objects.
      cluster.apiServer.cutConnections()
      service.endpoints = [.init(lab.pod("echo-2"))]
      try await expect(["echo-2"], after: apply)
      try await expect([nil]) {
        for resource in [Resource.services, .endpointSlices] {
          for key in cluster.store.keys(of: resource) where key.name.hasPrefix("later") { cluster.store.delete(key) }
        }
      }
      #expect(daemons.allSatisfy { $0.status == nil })
    }
  }
}
