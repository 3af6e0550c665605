import Glibc
import Lab
import ServiceModel
import Testing

@testable import Conntrack
@testable import Lab

/// Real SCTP packets through a Service, whose flows are then swept. kube-proxy cleans UDP flows only; ours follows SCTP
/// to endpoints that are gone, as a client that goes on with its association finds nobody there (k/k#70020, #101968).
@Suite(.enabled(if: Sandbox.isPossible, "needs root and network namespaces"), .timeLimit(.minutes(5)))
struct SCTPKernelTests {
  @Test(arguments: SandboxNet.all) func `an endpoint that is gone`(_ net: SandboxNet) async throws {
    try await SCTPSite.run("sctp-gone", net) { site in
      let direct = try await site.connect(port: 40001, to: site.second)
      let association = try await site.connect(port: 40000, to: site.service)
      #expect(try await association.ask().endpoint == "one")
      #expect(try await direct.ask().endpoint == "two")
      let others = try await site.flows().filter { $0.destination == site.second }
      #expect(others.count == 1)
      try await site.sandbox.program(site.service, to: site.second, .sctp)
      #expect(try await association.ask().endpoint == "one", "the kernel remembers the old one")

      // Unlike UDP's, an association may go on until its endpoint is gone.
      for conditions in [[.ready, .serving], [.serving, .terminating], [.terminating], []] as [Endpoint.Conditions] {
        #expect(await site.sweep(first: conditions)?.report == SweepReport(examined: 2, deleted: 0), "\(conditions)")
      }
      #expect(try await association.ask().endpoint == "one")

      #expect(await site.sweep(first: nil)?.report == SweepReport(examined: 2, deleted: 1))
      #expect(try await site.flows() == others, "somebody else's flow is left alone")
      #expect(try await direct.ask().endpoint == "two")
      let again = try await site.client.ask(site.request(port: 40000, to: site.service))
      #expect(again.map(\.endpoint) == ["two"])
    }
  }

  @Test(arguments: SandboxNet.all) func `from none to endpoints`(_ net: SandboxNet) async throws {
    try await SCTPSite.run("sctp-none", net) { site in
      try await site.sandbox.program(site.service, to: nil, .udp)
      // No rule translates the flow, so its packets get no answer and its entry stays in the table.
      var request = site.request(port: 40000, to: site.service)
      request.timeout = 100
      #expect(try await site.client.ask(request) == [.silent])
      #expect(try await site.flows().map(\.replySource) == [site.service])
      try await site.sandbox.program(site.service, to: site.second, .sctp)
      #expect(try await site.client.ask(request) == [.silent], "the kernel remembers that it was not translated")
      #expect(await site.sweep(first: nil)?.report == SweepReport(examined: 1, deleted: 1))
      #expect(try await site.client.ask(site.request(port: 40000, to: site.service)).map(\.endpoint) == ["two"])
    }
  }

  @Test(arguments: SandboxNet.all) func `a deleted Service`(_ net: SandboxNet) async throws {
    try await SCTPSite.run("sctp-deleted", net) { site in
      let association = try await site.connect(port: 40000, to: site.service)
      #expect(try await association.ask().endpoint == "one")
      var flows = ServiceFlows(family: net.family)
      flows.set(site.object, slices: [site.slice(first: [.ready, .serving])])
      flows.remove(site.object.name)
      #expect(await site.sandbox.reconcile(flows.takeSweep())?.report.deleted == 1)
      #expect(try await site.flows().isEmpty)
    }
  }
}
