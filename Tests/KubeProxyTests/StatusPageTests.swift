import Foundation
import HTTP
import IPTables
import Planner
import ServiceModel
import System
import Testing

@testable import HTTPServer
@testable import Health
@testable import KubeProxy
@testable import StatusPage
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct StatusPageTests {
  private static let hostile = "<script>alert(1)</script>\" onload=\"x' & \u{202e}gnp.exe"

  private func answer(
    _ query: [String: String] = [:], accept: String = "text/html", services: Int = 0,
    snapshot: StatusSnapshot? = nil, explain: @escaping StatusRoutes.Explain = { _ in nil }
  ) async -> HTTPResponse {
    let status = snapshot ?? StatusFixture.snapshot(services: services)
    let routes = StatusRoutes(snapshot: { status }, explain: explain)
    return await routes.handle(HTTPRequest(path: "/statusz", query: query, headers: ["accept": accept]))
  }

  private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test func `a browser gets one page that loads nothing`() async throws {
    let response = await answer(["q": "lab"])
    #expect(response.status == 200)
    #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
    let policy = try #require(response.headers["Content-Security-Policy"])
    #expect(policy.hasPrefix("default-src 'none'; "))
    let page = text(response)
    for loading in ["<script", "<link", "<img", "<iframe", "@import", "url(", " src=", "javascript:"] {
      #expect(!page.contains(loading), "\(loading)")
    }
    #expect(try Markup.check(page) > 100)
    for content in [
      "kind-worker", "nf_tables (KUBE-IPTABLES-HINT is in its mangle table)", "1,934 rules in 412 chains",
      "70, 1 failed", "line 7: bad &lt;rule&gt;", "waiting to retry", "connection refused", "81423",
      "iptables.masqueradeBit", "10.10.0.0/16,fd00:10:10::/48", "lab/shop", "192.0.2.10", "80:30020/TCP",
      "external: Local", "prefers-color-scheme:dark", "<svg",
    ] {
      #expect(page.contains(content), "\(content)")
    }
  }

  @Test func `many readers get their pages one after the other`() async {
    let (begun, isOpen) = (Watched(0), Watched(false))
    let routes = StatusRoutes(snapshot: {
      begun.withLock { $0 += 1 }
      await isOpen.until { $0 }
      return StatusFixture.snapshot(services: 10)
    })
    let answers = await withTaskGroup { group in
      for accept in ["text/html", "application/json", "*/*", "text/html"] {
        group.addTask { await routes.handle(HTTPRequest(path: "/statusz", query: [:], headers: ["accept": accept])) }
      }
      await begun.until { $0 > 0 }
      await routes.turns.waitUntil(waiting: 3)
      #expect(begun.withLock { $0 } == 1)
      isOpen.withLock { $0 = true }
      return await group.reduce(into: [Int]()) { $0.append($1.status) }
    }
    #expect(answers == [200, 200, 200, 200])
  }

  @Test func `text of objects stays text in the page`() async throws {
    var snapshot = StatusFixture.snapshot()
    snapshot.node = Self.hostile
    snapshot.source = Self.hostile
    snapshot.version = Self.hostile
    snapshot.settings = [.init(Self.hostile, Self.hostile)]
    StatusFixture.fillWatches(of: &snapshot, with: Self.hostile)
    let board = StatusBoard(families: [.ipv4])
    board.setBackend(.ipv4, Self.hostile, reason: Self.hostile)
    for outcome in [StatusBoard.Sync.Outcome.full(reason: Self.hostile), .failed(error: Self.hostile)] {
      board.add(
        .ipv4,
        .init(end: StatusFixture.now, duration: .seconds(1), outcome: outcome, services: 1, rulesWritten: 1))
    }
    snapshot.families = board.all
    for query in [["q": Self.hostile], ["service": Self.hostile], ["service": "lab/shop"], ["state": Self.hostile]] {
      let page = text(await answer(query, snapshot: snapshot) { _ in Self.hostile })
      #expect(!page.contains("<script"))
      #expect(!page.contains("\" onload"))
      #expect(!page.unicodeScalars.contains("\u{202e}"))
      #expect(page.contains("&lt;script&gt;"))
      #expect(try Markup.check(page) > 10)
      let json = text(await answer(query, accept: "application/json", snapshot: snapshot) { _ in Self.hostile })
      #expect(!json.contains("<"))
      #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
    }
    let plain = text(await answer(accept: "*/*", snapshot: snapshot))
    #expect(!plain.unicodeScalars.contains("\u{202e}"))
  }

  @Test func `addresses that several Services claim are shown in each form of the page`() async throws {
    var snapshot = StatusFixture.snapshot()
    for number in 1...25 {
      for name in ["one", "two"] {
        let service = StatusFixture.name("\(name)-\(number)")
        let port = ServicePortName(service: service, port: "", transport: .tcp)!
        snapshot.cluster.set(
          Service(
            name: service, clusterIPs: [IPAddress("10.200.9.\(number)")!], ports: [Service.Port(name: port, port: 80)]))
      }
    }
    let options = PlannerOptions(family: .ipv4, nodeName: snapshot.node)
    snapshot.clashes = [.ipv4: ClusterPlan(options: options, snapshot: snapshot.cluster).clashes, .ipv6: []]
    let html = text(await answer(snapshot: snapshot))
    #expect(
      html.contains("10.200.9.1:80/TCP is claimed by lab/one-1 (cluster IP) and lab/two-1 (cluster IP); lab/one-1 wins")
    )
    #expect(html.contains("5 more addresses with several Services"))
    #expect(try Markup.check(html) > 100)
    let body = text(await answer(accept: "application/json", snapshot: snapshot))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    #expect(json["clashCount"] as? Int == 25)
    let clashes = try #require(json["clashes"] as? [[String: Any]])
    #expect(clashes.count == 25)
    let claims = try #require(clashes.first?["claims"] as? [[String: String]])
    #expect(claims.map { $0["service"] } == ["lab/one-1", "lab/two-1"])
    #expect(claims.map { $0["kind"] } == ["cluster IP", "cluster IP"])
  }

  @Test func `a restored state is shown in each form of the page`() async throws {
    var snapshot = StatusFixture.snapshot()
    #expect(!text(await answer(snapshot: snapshot)).contains("restored state"))
    #expect(!text(await answer(accept: "application/json", snapshot: snapshot)).contains("restoredState"))
    snapshot.health.stateTime = snapshot.now.advanced(by: .seconds(-7500)).wall
    let page = text(await answer(snapshot: snapshot))
    #expect(page.contains("the rules use the state of \(snapshot.health.stateTime!.readable), 2 h 5 min ago"))
    let body = text(await answer(accept: "application/json", snapshot: snapshot))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    let state = try #require(json["restoredState"] as? [String: Any])
    #expect(state["ageSeconds"] as? Int == 7500)
    #expect(state["time"] as? String == snapshot.health.stateTime?.rfc3339)
    #expect(text(await answer(accept: "*/*", snapshot: snapshot)).contains("\nRestored state of: "))
    // If the clock was set back, the age is 0, not negative.
    snapshot.health.stateTime = snapshot.now.advanced(by: .seconds(60)).wall
    #expect(text(await answer(snapshot: snapshot)).contains(", 0 s ago"))
  }

  @Test func `a Service has a page of its own`() async throws {
    let response = await answer(["service": "lab/shop"]) { name in "explained: \(name)" }
    let page = text(response)
    #expect(try Markup.check(page) > 50)
    for content in [
      "explained: lab/shop", "ClientIP, 10800 s", "198.51.100.0/24", "node port 31130", "10.10.1.4", "not ready",
      "kind-worker (here)", "shop-x7k2p",
    ] {
      #expect(page.contains(content), "\(content)")
    }
    for missing in ["lab/none", "lab", "/", "../../etc"] {
      #expect(await answer(["service": missing]).status == 404, "\(missing)")
      #expect(await answer(["service": missing], accept: "application/json").status == 404, "\(missing)")
    }
  }

  struct Filter: Sendable, CustomTestStringConvertible {
    let why: String
    let query: [String: String]
    let names: [String]
    var testDescription: String { why }
  }

  @Test(arguments: [
    Filter(why: "part of a name", query: ["q": "DNS"], names: ["kube-system/kube-dns"]),
    Filter(why: "a namespace with its slash", query: ["q": "kube-system/"], names: ["kube-system/kube-dns"]),
    Filter(why: "an address", query: ["q": "192.0.2.10"], names: ["lab/shop"]),
    Filter(why: "an IPv6 address", query: ["q": "fd00:10:200::a"], names: ["kube-system/kube-dns"]),
    Filter(why: "a port", query: ["q": "53"], names: ["kube-system/kube-dns"]),
    Filter(why: "a node port", query: ["q": "30020"], names: ["lab/shop"]),
    Filter(why: "a type", query: ["q": "nodeport"], names: ["lab/broken"]),
    Filter(why: "no ready endpoint", query: ["state": "no-endpoints"], names: ["lab/broken", "lab/empty"]),
    Filter(why: "draining", query: ["state": "draining"], names: ["lab/draining"]),
    Filter(why: "both", query: ["state": "no-endpoints", "q": "emp"], names: ["lab/empty"]),
    Filter(why: "nothing", query: ["q": "zzz"], names: []),
  ])
  func `filters`(_ test: Filter) throws {
    let page = ServiceQuery(test.query).run(StatusFixture.cluster(services: 0), node: "kind-worker")
    #expect(page.services.map(\.service.name.description) == test.names)
    #expect(page.matching == test.names.count)
    #expect(page.total == 6)
    #expect(page.states == [.ready: 3, .draining: 1, .noEndpoints: 2])
  }

  @Test func `ten thousand Services are paged`() async throws {
    let status = StatusFixture.snapshot(services: 10_000)
    let last = await answer(["page": "101"], snapshot: status)
    #expect(last.body.count < 100_000)
    #expect(text(last).contains("page 101 of 101"))
    #expect(text(last).contains("load/svc-9999"))
    var seen: Set<String> = []
    for page in [1, 2, 50, 101] {
      let query = ServiceQuery(["page": "\(page)"])
      seen.formUnion(query.run(status.cluster, node: "").services.map(\.service.name.description))
    }
    #expect(seen.count == 306)
    for (text, page) in [("0", 1), ("-3", 1), ("x", 1), ("999999", 101), ("99999999999999999999", 1)] {
      #expect(ServiceQuery(["page": text]).run(status.cluster, node: "").page == page, "\(text)")
    }
    #expect(ServiceQuery(["q": "a&b", "state": "ready"]).link(page: 2) == "?page=2&q=a%26b&state=ready")
  }

  @Test func `a Service of many endpoints is paged`() async throws {
    let name = StatusFixture.name("wide")
    var status = StatusFixture.snapshot()
    status.cluster.set(Service(name: name, clusterIPs: [], ports: []))
    for part in 0..<3 {
      status.cluster.set(
        EndpointSlice(
          name: StatusFixture.name("wide-\(part + 10)"), service: name, family: .ipv4, ports: [],
          endpoints: (1...90).map { Endpoint(address: IPAddress("10.10.\(part).\($0)")!, conditions: [.ready]) }))
    }
    var seen: Set<String> = []
    for (page, count) in [("1", 100), ("2", 100), ("3", 70)] {
      let query = ["service": "lab/wide", "page": page]
      let body = text(await answer(query, accept: "application/json", snapshot: status))
      let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
      let endpoints = try #require(json["endpointSlices"] as? [[String: Any]])
      #expect(endpoints.count == count)
      #expect(json["endpointTotal"] as? Int == 270)
      #expect(json["pages"] as? Int == 3)
      seen.formUnion(endpoints.compactMap { $0["address"] as? String })
      let html = text(await answer(query, snapshot: status))
      #expect(html.contains("page \(page) of 3"))
      #expect(try Markup.check(html) > 50)
    }
    #expect(seen.count == 270)
    let beyond = text(await answer(["service": "lab/wide", "page": "9"], snapshot: status))
    #expect(beyond.contains("page 3 of 3"))
  }

  @Test func `the same as JSON`() async throws {
    let body = text(await answer(["q": "shop"], accept: "application/json"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    #expect(json["node"] as? String == "kind-worker")
    let families = try #require(json["families"] as? [[String: Any]])
    #expect(families.map { $0["family"] as? String } == ["IPv4", "IPv6"])
    #expect((families[0]["syncs"] as? [[String: Any]])?.count == 60)
    #expect(families[0]["failureCount"] as? Int == 1)
    let services = try #require(json["services"] as? [String: Any])
    let items = try #require(services["items"] as? [[String: Any]])
    #expect(items.map { $0["name"] as? String } == ["shop"])
    #expect((items[0]["endpoints"] as? [String: Int]) == ["ready": 1, "readyHere": 1, "draining": 0, "notReady": 1])
    let detail = text(await answer(["service": "lab/shop"], accept: "application/json"))
    let service = try #require(try JSONSerialization.jsonObject(with: Data(detail.utf8)) as? [String: Any])
    #expect((service["endpointSlices"] as? [[String: Any]])?.map { $0["state"] as? String } == ["ready", "not ready"])
  }

  @Test func `clients that do not ask for HTML or JSON get kube-proxy's text`() async {
    let body = text(await answer(accept: "*/*"))
    #expect(
      body.hasPrefix(
        "\nkube-proxy statusz\n\(StatusText.warning)\n\nStarted: Sat Nov 21 00:58:20 UTC 2026\n"
          + "Up: 2 hr 01 min 40 sec\n"))
    #expect(body.hasSuffix("Paths: /configz /flagz /healthz /metrics /proxyMode\n"))
  }

  @Test func `an endpoint in two slices is counted once`() {
    let name = StatusFixture.name("two")
    let address = IPAddress("10.10.1.1")!
    func slice(_ suffix: String, _ conditions: Endpoint.Conditions) -> EndpointSlice {
      EndpointSlice(
        name: StatusFixture.name("two-\(suffix)"), service: name, family: .ipv4, ports: [],
        endpoints: [Endpoint(address: address, conditions: conditions)])
    }
    let service = Service(name: name, clusterIPs: [], ports: [])
    for order in [["a", "b"], ["b", "a"]] {
      let slices = [slice(order[0], []), slice(order[1], [.ready, .serving])]
      let summary = ServiceSummary(
        service, slices: Dictionary(uniqueKeysWithValues: slices.map { ($0.name, $0) }), node: "")
      #expect(summary.counts == ServiceSummary.Counts(ready: 1))
    }
  }

  struct Span: Sendable {
    let duration: Duration
    let text: String
  }

  @Test(arguments: [
    Span(duration: .microseconds(340), text: "0.3 ms"), Span(duration: .milliseconds(12), text: "12 ms"),
    Span(duration: .milliseconds(3210), text: "3.2 s"), Span(duration: .seconds(125), text: "2 min 5 s"),
    Span(duration: .seconds(7810), text: "2 h 10 min"), Span(duration: .seconds(3_466_800), text: "40 d 3 h"),
  ])
  func `durations are readable`(_ test: Span) { #expect(Readable.duration(test.duration) == test.text) }

  @Test func `counts are readable`() {
    #expect(
      [0, 999, 1000, 1_234_567, -1000].map { Readable.count($0) } == ["0", "999", "1,000", "1,234,567", "-1,000"])
  }
}
