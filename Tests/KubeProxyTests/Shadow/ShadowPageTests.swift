import HTTP
import IPTables
import ServiceModel
import Testing
import Time

@testable import HTTPServer
@testable import KubeProxy
@testable import Shadow
@testable import StatusPage

/// The shadow on the status page.
@Suite(.timeLimit(.minutes(5))) struct ShadowPageTests {
  private static func answer(_ accept: String, _ shadow: [ShadowStatus]) async -> String {
    var snapshot = StatusFixture.snapshot()
    snapshot.shadow = shadow
    let status = snapshot
    let routes = StatusRoutes(snapshot: { status })
    let response = await routes.handle(HTTPRequest(path: "/statusz", query: [:], headers: ["accept": accept]))
    return String(decoding: response.body, as: UTF8.self)
  }

  private static let found: [ShadowStatus] = {
    func finding(_ kind: ShadowKind, _ text: String) -> ShadowFinding {
      ShadowFinding(
        service: StatusFixture.name("shop"), kind: kind, chain: ChainKey(.nat, ChainName("KUBE-SVC-AAAAAAAAAAAAAAAA")),
        text: text)
    }
    var equal = ShadowStatus(family: .ipv6)
    equal.compared = StatusFixture.now.advanced(by: .seconds(-12))
    var differs = ShadowStatus(family: .ipv4)
    differs.compared = equal.compared
    differs.took = .milliseconds(420)
    differs.omitted = 7
    differs.groups = [.missingRule, .open].map { kind in
      .init(service: StatusFixture.name("shop"), kind: kind, findings: [finding(kind, "--comment \"<b>\"")])
    }
    return [differs, equal]
  }()

  @Test func `the page shows what differs instead of syncs`() async throws {
    let page = await Self.answer("text/html", Self.found)
    #expect(try Markup.check(page) > 100)
    for content in [
      "Comparison with the kernel", "1 difference<", "equal<", "missingRule", "lab/shop", "&lt;b&gt;", "12 s ago",
      "420 ms", "7 more chains differ",
    ] {
      #expect(page.contains(content), "\(content)")
    }
    #expect(!page.contains("<h2>Syncs</h2>"))
    #expect(await Self.answer("*/*", Self.found).contains("IPv4: shadow mode, 1 difference\n"))
  }

  @Test func `JSON has the same, and says what counts as a difference`() async {
    let json = await Self.answer("application/json", Self.found)
    for content in [
      #""differenceCount":1"#, #""omittedChains":7"#, #""kind":"missingRule","isDifference":true"#,
      #""kind":"open","isDifference":false"#, #""service":"lab/shop""#,
    ] {
      #expect(json.contains(content), "\(content)")
    }
    let failed = await Self.answer("application/json", [Self.failed])
    #expect(failed.contains(#""compared":null"#) && failed.contains(#""error":"no permission""#))
  }

  private static let failed: ShadowStatus = {
    var status = ShadowStatus(family: .ipv4)
    status.failure = "no permission"
    return status
  }()
}
