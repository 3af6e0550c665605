import Doubles
import KubernetesAPI
import ServiceModel
import Testing

@testable import Watcher

@Suite(.timeLimit(.minutes(5))) struct ManifestFollowStateTests {
  private static let web = """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
     "spec": {"clusterIP": "10.200.1.16", "ports": [{"port": 80}]}}
    """
  private static let bad = """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"},
     "spec": {"clusterIP": "10.200.1.17", "ports": [{"port": 0}]}}
    """
  private static let node = #"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker"}}"#

  @Test func `the first reading sends events of every kind`() throws {
    var state = ManifestFollowState()
    let contents = try load(Self.web)
    #expect(
      state.read(contents) == [
        .send([
          .replaceNodes([]), .replaceServiceCIDRs([]), .replaceServices(contents.services), .replaceSlices([]),
        ])
      ])
  }

  @Test func `the same content again sends no event`() throws {
    var state = ManifestFollowState()
    _ = state.read(try load(Self.web))
    #expect(state.read(try load("\n\n\(Self.web)\n")) == [])
  }

  @Test func `only kinds that changed are sent`() throws {
    var state = ManifestFollowState()
    _ = state.read(try load(Self.web))
    let contents = try load(Self.web + Self.node)
    #expect(state.read(contents) == [.send([.replaceNodes(contents.nodes)])])
  }

  @Test func `bad objects are left out at the start`() throws {
    var state = ManifestFollowState()
    let contents = try load(Self.bad + Self.web)
    let actions = state.read(contents)
    #expect(actions.last == .leaveOut(contents.failures))
    #expect(contents.services.map(\.name.name) == ["web"])
  }

  @Test func `half a document at the start leaves the rules as they are`() throws {
    var state = ManifestFollowState()
    let half = try load(Self.web + #"{"kind": "List", "items": ["#)
    #expect(half.isIncomplete)
    #expect(state.read(half) == [.keep(half.failures.map(\.description))])
    let whole = try load(Self.web)
    #expect(state.read(whole).first == .recovered)
  }

  private static let repeated = """
    apiVersion: v1
    kind: Service
    metadata: {name: again, name: again}
    """

  @Test(arguments: [repeated, "metadata: {name: kindless}", "just words", "x: *unknown"])
  func `a document that is not an object is left out at the start`(document: String) throws {
    var state = ManifestFollowState()
    let contents = try load("\(document)\n---\n\(Self.web)")
    #expect(!contents.isIncomplete && contents.failures.count == 1)
    let actions = state.read(contents)
    #expect(contents.services.map(\.name.name) == ["web"])
    #expect(actions.first?.isSend == true && actions.last == .leaveOut(contents.failures))
    #expect(state.read(contents) == [])
  }

  @Test func `a document that cannot be read later may be a known Service, so the rules stay`() throws {
    var state = ManifestFollowState()
    let before = [Self.repeated, Self.web].joined(separator: "\n---\n")
    _ = state.read(try load(before))
    let broken = try load([Self.repeated, Self.repeated].joined(separator: "\n---\n"))
    #expect(broken.failures.count == 2)
    #expect(state.read(broken) == [.keep(broken.failures.map(\.description))])
    #expect(state.read(try load(before)) == [.recovered])
    #expect(state.read(try load(Self.repeated)) == [.keep(try load(Self.repeated).failures.map(\.description))])
  }

  @Test func `a bad reading later is reported once and changes nothing`() throws {
    var state = ManifestFollowState()
    _ = state.read(try load(Self.web))
    let broken = try load(Self.web + Self.bad)
    #expect(state.read(broken) == [.keep(broken.failures.map(\.description))])
    #expect(state.read(broken) == [])
    let unreadable = ManifestError.noManifests(directory: "/m")
    #expect(state.failed(unreadable.description) == [.keep([unreadable.description])])
    #expect(state.failed(unreadable.description) == [])
  }

  @Test func `good reading after a bad one recovers`() throws {
    var state = ManifestFollowState()
    _ = state.read(try load(Self.web))
    _ = state.read(try load("{"))
    let contents = try load(Self.web + Self.node)
    #expect(state.read(contents) == [.recovered, .send([.replaceNodes(contents.nodes)])])
    #expect(state.read(try load("{")).count == 1)
  }

  @Test func `objects that were bad from the start do not stop later changes of others`() throws {
    var state = ManifestFollowState()
    _ = state.read(try load(Self.bad))
    let contents = try load("\n" + Self.web + Self.bad)
    #expect(state.read(contents) == [.send([.replaceServices(contents.services)])])
  }

  @Test func `a warning is given once although its line changes`() throws {
    var state = ManifestFollowState()
    let odd = Self.web.replacing(#"{"port": 80}"#, with: #"{"port": 80}, {"port": 80}"#)
    let contents = try load(odd)
    #expect(state.read(contents).contains(.warn(contents.warnings)))
    #expect(state.read(try load("\n\n\(odd)\n")) == [])
  }

  private func load(_ text: String) throws -> ManifestContents {
    try ManifestLoader(storage: MemoryFiles(["/m.json": text])).load("/m.json")
  }
}

extension ManifestFollowState.Action {
  fileprivate var isSend: Bool { if case .send = self { true } else { false } }
}
