import IPTables
import ServiceModel
import Testing

@testable import KubeProxy
@testable import Shadow
@testable import Time

/// The delay is 10 seconds. Times are seconds.
@Suite(.timeLimit(.minutes(5))) struct ShadowMemoryTests {
  private static func at(_ second: Int64) -> Moment {
    Moment(wall: WallTime(nanosecondsSince1970: second * 1_000_000_000), ticks: second * 1_000_000_000)
  }

  private static let web = NamespacedName(namespace: "lab", name: "web")!
  private static let chain = ChainKey(.nat, ChainName("KUBE-SVC-AAAAAAAAAAAAAAAA"))

  private static func finding(
    _ text: String = "", kind: ShadowKind = .missingRule, service: NamespacedName? = web, chain: ChainKey = chain
  ) -> ShadowFinding {
    ShadowFinding(service: service, kind: kind, chain: chain, text: text)
  }

  private var memory = ShadowMemory(delay: .seconds(10))

  @Test mutating func `a difference is reported once, after the delay, and its end once`() {
    let finding = Self.finding("rule")
    #expect(memory.compared([finding], .whole, at: Self.at(0)) == .init())
    #expect(memory.nextReport(after: Self.at(0)) == Self.at(10))
    #expect(memory.reported == [])
    #expect(memory.compared([finding], .whole, at: Self.at(9)) == .init())
    let news = memory.compared([finding], .whole, at: Self.at(10))
    #expect(news.appeared == [.init(service: Self.web, kind: .missingRule, findings: [finding])])
    #expect(memory.nextReport(after: Self.at(10)) == nil)
    #expect(memory.compared([finding], .whole, at: Self.at(70)) == .init())
    #expect(memory.reported.count == 1)
    #expect(memory.compared([], .whole, at: Self.at(80)).resolved == [Self.web])
    #expect(memory.compared([], .whole, at: Self.at(90)) == .init())
    #expect(memory.services == [])
  }

  @Test mutating func `a difference that goes and returns starts a new delay`() {
    _ = memory.compared([Self.finding()], .whole, at: Self.at(0))
    #expect(memory.compared([], .whole, at: Self.at(5)) == .init())
    #expect(memory.compared([Self.finding()], .whole, at: Self.at(10)) == .init())
    #expect(memory.compared([Self.finding()], .whole, at: Self.at(20)).appeared.count == 1)
  }

  @Test mutating func `another rule of the same Service is another difference`() {
    for second in stride(from: Int64(0), through: 60, by: 12) {
      #expect(memory.compared([Self.finding("rule \(second)")], .whole, at: Self.at(second)) == .init())
    }
  }

  @Test mutating func `a Service that is still changing is neither reported nor cleared`() {
    let other = Self.finding(service: NamespacedName(namespace: "lab", name: "other")!)
    _ = memory.compared([Self.finding()], .whole, at: Self.at(0))
    #expect(memory.compared([Self.finding(), other], .whole, at: Self.at(10)) { $0 == Self.web } == .init())
    #expect(
      memory.compared([other], .whole, at: Self.at(20)) { $0 == Self.web }.appeared.map(\.service) == [other.service])
    #expect(memory.services.contains(Self.web), "it is not known to be equal again")
    #expect(memory.compared([Self.finding(), other], .whole, at: Self.at(30)).appeared.map(\.service) == [Self.web])
  }

  @Test mutating func `a comparison of a part does not clear the rest`() {
    let stale = Self.finding(kind: .extraChain, service: nil)
    let jump = Self.finding(kind: .missingJump, service: nil, chain: ChainKey(.nat, .prerouting))
    for second in [Int64(0), 10] { _ = memory.compared([Self.finding(), stale, jump], .whole, at: Self.at(second)) }
    #expect(memory.reported.count == 3)
    // The chain's rules were not read, but it is known which chains exist.
    let news = memory.compared([], .part([]), at: Self.at(20))
    #expect(news.resolved == [nil])
    #expect(memory.reported.map(\.kind) == [.missingRule])
    #expect(memory.compared([], .part([Self.chain]), at: Self.at(30)).resolved == [Self.web])
  }

  @Test mutating func `a chain that is left out does not delay the report of a later difference`() {
    let later = Self.finding("rule", chain: ChainKey(.nat, ChainName("KUBE-SVC-BBBBBBBBBBBBBBBB")))
    let scope = ShadowComparison.Scope(chains: nil, omitted: [Self.chain])
    _ = memory.compared([Self.finding()], .whole, at: Self.at(0))
    #expect(memory.compared([later], scope, at: Self.at(10)) == .init())
    #expect(memory.nextReport(after: Self.at(10)) == Self.at(20))
    #expect(memory.compared([later], scope, at: Self.at(20)).appeared.map(\.findings) == [[later]])
    #expect(memory.nextReport(after: Self.at(20)) == nil, "only a periodic comparison may read the chain")
  }

  @Test mutating func `a chain that is left out of a comparison is not equal again`() {
    for second in [Int64(0), 10] { _ = memory.compared([Self.finding()], .whole, at: Self.at(second)) }
    let scope = ShadowComparison.Scope(chains: nil, omitted: [Self.chain])
    #expect(memory.compared([], scope, at: Self.at(20)) == .init())
    #expect(memory.reported.count == 1)
    #expect(memory.compared([], .whole, at: Self.at(30)).resolved == [Self.web])
  }

  @Test mutating func `a Service is equal again only when its last difference is gone`() {
    let all = [Self.finding("one"), Self.finding("two"), Self.finding(kind: .missingChain)]
    for second in [Int64(0), 10] { _ = memory.compared(all, .whole, at: Self.at(second)) }
    #expect(memory.compared(Array(all.dropFirst()), .whole, at: Self.at(20)).resolved == [])
    #expect(memory.compared([], .whole, at: Self.at(30)).resolved == [Self.web])
  }

  @Test mutating func `findings of one Service and kind are one group, even if a rule is there several times`() {
    let findings = ShadowFinding.numbered([Self.finding("rule"), Self.finding("rule"), Self.finding("other")])
    #expect(Set(findings).count == 3)
    memory = ShadowMemory(delay: .zero)
    let news = memory.compared(findings, .whole, at: Self.at(0))
    #expect(news.appeared.map(\.findings.count) == [3])
  }
}
