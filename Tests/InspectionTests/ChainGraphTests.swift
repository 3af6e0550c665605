import Foundation
import FoundationXML
import IPTables
import Planner
import ServiceModel
import Testing

@testable import Inspection

@Suite(.timeLimit(.minutes(5))) struct ChainGraphTests {
  private static let wanted: [String?] = [nil, "shop/web", "shop/sticky", "shop/local", "shop/gone"]

  private func graph(_ service: String?, _ form: EndpointRuleMode = .chains) throws -> ChainGraph {
    ChainGraph(try SampleCluster.scene { $0.endpointRules = form }, services: service.map { [SampleCluster.name($0)] })
  }

  @Test(arguments: [EndpointRuleMode.chains, .compact])
  func `one Service with all that leads to it`(_ form: EndpointRuleMode) throws {
    let graph = try graph("shop/web", form)
    #expect(graph.services == [SampleCluster.name("shop/web")])
    let titles = Dictionary(grouping: graph.nodes, by: \.kind).mapValues { $0.map(\.title).sorted() }
    #expect(titles[.endpoint] == ["10.10.1.5:8080", "10.10.2.5:8080", "10.10.3.5:8080"])
    #expect(titles[.verdict] == ["dropped"])
    #expect(
      titles[.dispatch] == ["filter KUBE-PROXY-FIREWALL", "nat KUBE-NODEPORTS", "nat KUBE-SERVICES"])
    #expect(titles[.hook] == ["filter FORWARD", "filter INPUT", "filter OUTPUT", "nat OUTPUT", "nat PREROUTING"])
    #expect(titles[.service]?.count == 3, "the firewall's, the outside's and the endpoints' chain")
    let texts = Set(graph.edges.flatMap(\.texts))
    #expect(
      texts == [
        "10.200.1.10:80/TCP", "203.0.113.1:80/TCP", "198.51.100.1:80/TCP", "port 30080/TCP", "from 192.0.2.0/24",
        "33.33 %", "to this node",
      ])
    let marks = graph.nodes.flatMap(\.masquerades)
    #expect(marks.sorted() == ["all", "all but 10.10.0.0/16", "itself", "itself", "itself"])
  }

  @Test(arguments: wanted, [EndpointRuleMode.chains, .compact])
  func `edges point right`(_ service: String?, _ form: EndpointRuleMode) throws {
    let graph = try graph(service, form)
    let columns = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.column) })
    #expect(!graph.edges.isEmpty)
    for edge in graph.edges {
      let from = try #require(columns[edge.from])
      let to = try #require(columns[edge.to])
      #expect(from < to, "\(edge.from) → \(edge.to)")
    }
  }

  @Test(arguments: wanted, [EndpointRuleMode.chains, .compact])
  func `nothing in the picture overlaps`(_ service: String?, _ form: EndpointRuleMode) throws {
    let graph = try graph(service, form)
    let layout = GraphLayout(graph)
    let boxes = graph.nodes.compactMap { node in layout.boxes[node.id].map { (node.id, $0) } }
    #expect(boxes.count == graph.nodes.count)
    for (index, (id, box)) in boxes.enumerated() {
      #expect(box.x >= 0 && box.y >= 0 && box.right <= layout.width && box.bottom <= layout.height)
      for (other, second) in boxes.dropFirst(index + 1) {
        let overlap = box.x < second.right && second.x < box.right && box.y < second.bottom && second.y < box.bottom
        #expect(!overlap, "\(id) and \(other)")
      }
    }
    for (index, lane) in layout.lanes.enumerated() {
      for other in layout.lanes.dropFirst(index + 1) {
        #expect(lane.box.bottom <= other.box.y || other.box.bottom <= lane.box.y, "\(lane.service), \(other.service)")
      }
    }
  }

  @Test(arguments: wanted) func `edges run into no node`(_ service: String?) throws {
    let graph = try graph(service)
    let layout = GraphLayout(graph)
    for route in EdgeRoute.all(of: graph, in: layout) {
      for (from, to) in zip(route.points, route.points.dropFirst()) where from.y == to.y {
        for (id, box) in layout.boxes where id != route.edge.from && id != route.edge.to {
          let isInside = box.y < from.y && from.y < box.bottom && from.x < box.right && box.x < to.x
          #expect(!isInside, "\(route.edge.from) → \(route.edge.to) runs into \(id)")
        }
      }
    }
  }

  @Test(arguments: wanted) func `pictures are well formed`(_ service: String?) throws {
    let svg = SVGGraph.text(try graph(service))
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    #expect(!svg.contains("href") && !svg.contains("url(http"), "no other file is needed")
    #expect(XMLParser(data: Data(svg.utf8)).parse())
  }

  @Test func `foreign text cannot leave its place`() throws {
    var rules = try SampleCluster.scene().rules
    rules[.nat, .prerouting]?.append(Rule([.source(.host(IPAddress("192.0.2.1")!))], .jump(.services)))
    let endpoint = try #require(rules.tables[.nat]?.keys.first { $0.prefix == .external })
    let hostile = ChainName("KUBE-SVC-AAAAAAAAAAAAAAAA")
    rules[.nat, endpoint]?.insert(
      Rule([.inInterface(InterfacePattern(name: "a.b-c", isPrefix: false)!)], .jump(hostile)), at: 0)
    rules[.nat, hostile] = [Rule([], .jump(.markMasquerade))]
    let graph = ChainGraph(Scene(rules: rules, host: WalkHost()))
    #expect(DOTGraph.text(graph).contains("in by a.b-c"))
    #expect(MermaidGraph.text(graph).contains("in by a.b-c"))
  }

  @Test func `Mermaid of one Service`() throws {
    #expect(
      MermaidGraph.text(try graph("shop/gone")) == """
        flowchart LR
          n0["filter FORWARD"]:::hook
          n1["filter KUBE-SERVICES"]:::dispatch
          n3["filter OUTPUT"]:::hook
          subgraph s0["shop/gone"]
            n2["refused<br>no endpoints"]:::verdict
          end
          n1 -->|"10.200.1.11:80/TCP"| n2
          n0 --> n1
          n3 --> n1
          classDef hook fill:#f2f4f7,stroke:#98a2b3,color:#101828
          classDef dispatch fill:#eaf2ff,stroke:#84adff,color:#101828
          classDef service fill:#d6e6ff,stroke:#2970ff,color:#101828
          classDef endpoint fill:#dcf5e3,stroke:#16a34a,color:#101828
          classDef verdict fill:#fde2e0,stroke:#d92d20,color:#101828

        """)
  }

  @Test func `a graph without Services says so`() throws {
    let svg = SVGGraph.text(ChainGraph(Scene(rules: RuleSet(family: .ipv6), host: WalkHost())))
    #expect(svg.contains("IPv6: no rule leads to a Service"))
  }
}
