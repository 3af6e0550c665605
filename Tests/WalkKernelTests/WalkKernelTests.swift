import Glibc
import IPTables
import Inspection
import Lab
import Planner
import RuleAnalysis
import ServiceModel
import Testing

/// Compares the packet walk with the kernel: a real packet must go where the walk says.
@Suite(.enabled(if: geteuid() == 0, "needs root for network namespaces"), .timeLimit(.minutes(10)))
struct WalkKernelTests {
  /// One packet for the walk and for the kernel.
  private struct Question: Sendable {
    let sender: any LabHost
    let vantage: Vantage
    let address: ServiceAddress
    let destination: SocketAddress

    var text: String {
      "\(sender.name) to \(address.label) \(address.kind.name) \(destination)/\(address.transport.rawValue)"
    }
  }

  /// The number of packets for each question. An endpoint that gets a third of the packets is missed by all of them
  /// once in 10^10 times.
  private static let times = 60

  @Test(arguments: Setting.all)
  func `real packets go where the computed walk says`(_ setting: Setting) async throws {
    try await Lab.with(TestCluster.layout) { lab in
      let cluster = try TestCluster(lab, setting)
      try await cluster.start()
      for family in IPFamily.allCases {
        let planned = cluster.planned(family)
        let held = try await cluster.held(family)
        #expect(DifferenceReport(from: held.rules, to: planned.rules).isEmpty)
        var asked = 0
        // A packet without an answer costs a timeout, so all packets are sent at the same time.
        try await withThrowingTaskGroup { group in
          for question in questions(cluster, planned) {
            let foretold = try explanation(question, planned)
            let fromKernel = try explanation(question, held)
            #expect(results(foretold) == results(fromKernel), "\(question.text)")
            group.addTask { try await compare(question, foretold, cluster) }
            asked += 1
          }
          try await group.waitForAll()
        }
        #expect(asked > 300)
      }
    }
  }

  private func questions(_ cluster: TestCluster, _ scene: Scene) -> [Question] {
    let lab = cluster.lab
    let family = scene.family
    let senders: [any LabHost] = [lab.pod("c1"), lab.pod("s1"), cluster.node, lab.outsider]
    return scene.index.addresses.filter {
      !$0.label.service.name.hasPrefix("filler") && !$0.label.service.name.hasPrefix("sticky")
    }
    .flatMap { address in
      let destination = SocketAddress(address.address ?? cluster.node.addresses[family], port: address.port)
      return senders.map { sender in
        Question(
          sender: sender, vantage: sender.name == cluster.node.name ? .host : .address(sender.addresses[family]),
          address: address, destination: destination)
      }
    }
  }

  private func explanation(_ question: Question, _ scene: Scene) throws -> Explanation {
    try Explainer(scene).explain(
      from: question.vantage, to: question.destination, question.address.transport)
  }

  /// What decides, without how the rules are laid out.
  private func results(_ explanation: Explanation) -> [WalkVerdict: Set<String>] {
    explanation.choices.reduce(into: [:]) { result, choice in
      result[choice.verdict, default: []].insert("\(choice.destination) \(choice.source)")
    }
  }

  private func compare(_ question: Question, _ foretold: Explanation, _ cluster: TestCluster) async throws {
    let delivered = foretold.choices.filter { $0.verdict == .delivered && $0.isTranslated }
    let endpoints = Set(delivered.compactMap { cluster.name(of: $0.destination.address) })
    var request = Request(question.address.transport, question.destination.address, port: question.destination.port)
    if delivered.count == foretold.choices.count {
      let outcomes = try await question.sender.ask(request, times: endpoints.count > 1 ? Self.times : 2)
      #expect(Set(outcomes.compactMap(\.endpoint)) == endpoints, "\(question.text)")
      for outcome in outcomes { check(outcome, question, delivered, cluster) }
      return
    }
    try #require(delivered.isEmpty && foretold.choices.count == 1, "\(question.text)")
    if foretold.choices[0].verdict != .rejected { request.timeout = 400 }
    let outcome = try await question.sender.ask(request)[0]
    switch foretold.choices[0].verdict {
    case .rejected:
      // On the node that rejects the packet, sending a datagram fails at once.
      #expect(outcome == .refused || outcome == .unreachable, "\(question.text): \(outcome)")
    case .dropped:
      // The kernel tells a process on the same host that its packet was dropped (EPERM).
      let isTold = question.vantage == .host && outcome == .unreachable
      #expect(outcome == .silent || isTold, "\(question.text): \(outcome)")
    default: #expect(outcome.endpoint == nil || outcome.endpoint == cluster.node.name, "\(question.text): \(outcome)")
    }
  }

  /// The endpoint saw the address that it was to see.
  private func check(
    _ outcome: Outcome, _ question: Question, _ choices: [ExplainedChoice], _ cluster: TestCluster
  ) {
    guard let answer = outcome.answer else {
      Issue.record("\(question.text): \(outcome)")
      return
    }
    let choice = choices.first { cluster.name(of: $0.destination.address) == answer.endpoint }
    let family = question.destination.address.family
    let own = [cluster.node.addresses[family], cluster.node.gateway(family)]
    switch choice?.source {
    case .kept(let address): #expect(answer.client.address == address, "\(question.text)")
    case .masqueraded: #expect(own.contains(answer.client.address), "\(question.text): \(answer.client)")
    default: Issue.record("\(question.text): \(answer.endpoint) was not foretold")
    }
  }
}
