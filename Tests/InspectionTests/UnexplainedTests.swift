import IPTables
import Inspection
import Planner
import RuleAnalysis
import ServiceModel
import Testing

/// If some addresses cannot be explained, the others still are.
@Suite(.timeLimit(.minutes(5))) struct UnexplainedTests {
  private let web = SampleCluster.name("shop/web")

  /// The rules of a node of which no address is known, as from a dump of somebody else's.
  private func dump() throws -> Scene {
    Scene(rules: try SampleCluster.scene().rules, host: WalkHost(localAddresses: []))
  }

  @Test func `a node port without an address of the node`() throws {
    let answers = try Explainer(dump()).explain(from: .outside, toService: web, all: true)
    #expect(answers.explanations.compactMap { $0.subject?.kind } == [.clusterIP, .externalIP, .loadBalancerIP])
    #expect(answers.unexplained.map(\.error) == [.unknownNodeAddress])
    #expect(
      answers.unexplained.map { $0.text() } == [
        """
        port 30080/TCP
          a node port of Service shop/web, port http, IPv4

          cannot be explained
            why: no address of this node is known
            what helps: give one with --interface-address

        """
      ])
  }

  @Test func `node port addresses that the node does not have`() throws {
    let scene = try SampleCluster.scene { $0.nodePortAddresses = .only([], loopback: false) }
    let answers = try Explainer(scene).explain(from: .outside, toService: web, all: true)
    #expect(answers.explanations.count == 3)
    #expect(answers.unexplained.map(\.error) == [.noNodePortAddress])
  }

  @Test(arguments: [(Vantage.host, 4), (.outside, 3)])
  func `node ports on loopback are the host's own`(_ vantage: Vantage, _ explained: Int) throws {
    let loopback = try #require(IPAddress("127.0.0.1"))
    let scene = try SampleCluster.scene { $0.nodePortAddresses = .only([loopback], loopback: true) }
    let answers = try Explainer(scene).explain(from: vantage, toService: web, all: true)
    #expect(answers.explanations.count == explained)
    #expect(answers.unexplained.count == 4 - explained)
  }

  @Test func `an unknown sender leaves every address unexplained`() throws {
    let answers = try Explainer(dump()).explain(from: .host, toService: web, all: true)
    #expect(answers.explanations.isEmpty)
    #expect(Set(answers.unexplained.map(\.error)) == [.unknownHost, .unknownNodeAddress])
  }
}
