import Fixtures
import Foundation
import KubernetesAPI
import ServiceModel
import Testing

@testable import Watcher

/// The reflector reads recorded answers of a real API server.
@Suite(.timeLimit(.minutes(1)))
struct RecordingTests {
  static let refused = MemoryTransport.Answer.response(status: 422, body: [])
  static let pieces = [1, 7, 100, 100_000]

  /// Names of the items of a recorded list, in order. Headless Services and Services of other proxies are left out by
  /// hand.
  func names(_ file: String) throws -> [String] {
    let data = Data(try Recordings.text(file).utf8)
    let list = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let items = try #require(list["items"] as? [[String: Any]])
    return items.compactMap { item in
      let metadata = item["metadata"] as? [String: Any]
      let spec = item["spec"] as? [String: Any]
      guard let ip = spec?["clusterIP"] as? String, ip != "None" else { return nil }
      let labels = metadata?["labels"] as? [String: String] ?? [:]
      return labels["service.kubernetes.io/service-proxy-name"] == nil ? metadata?["name"] as? String : nil
    }
  }

  @Test(arguments: pieces)
  func `a whole list`(_ pieceSize: Int) async throws {
    let outcome = await Replay(pieceSize: pieceSize).run([Self.refused, try Recordings.answer("list-services-rv0")])
    let expected = try names("list-services-rv0.body.json")
    #expect(expected.count > 1)
    #expect(outcome.events.map(\.summary) == ["all " + expected.joined(separator: " ")])
    #expect(outcome.requests.last?.contains("resourceVersion=449") == true)
    #expect(outcome.requests.last?.contains("watch=true") == true)
  }

  @Test(arguments: pieces)
  func `a list in pages`(_ pieceSize: Int) async throws {
    let pages = try (1...3).map { try Recordings.answer("list-page-\($0)") }
    let outcome = await Replay(pieceSize: pieceSize).run([Self.refused] + pages)
    let expected = try (1...3).flatMap { try names("list-page-\($0).body.json") }.sorted()
    guard case .replaceServices(let services) = outcome.events.first else {
      Issue.record("\(outcome.events)")
      return
    }
    #expect(services.map(\.name.name).sorted() == expected)
    #expect(outcome.events.count == 1)
    #expect(outcome.requests[2].contains("continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDQ5"))
  }

  @Test(arguments: pieces)
  func `a streamed list and changes`(_ pieceSize: Int) async throws {
    let outcome = await Replay(pieceSize: pieceSize).run([try Recordings.answer("watchlist-services-selector")])
    guard case .replaceServices(let services) = outcome.events.first else {
      Issue.record("\(outcome.events)")
      return
    }
    let added = try Recordings.text("watchlist-services-selector.body.jsonl").split(separator: "\n")
      .filter { $0.hasPrefix(#"{"type":"ADDED""#) }
    #expect(services.count == added.count)
    #expect(outcome.status.isSynced)
  }

  @Test(arguments: pieces)
  func `changes`(_ pieceSize: Int) async throws {
    let outcome = await Replay(pieceSize: pieceSize).run([
      try Recordings.answer("watchlist-nothing"), try Recordings.answer("watch-services"),
    ])
    // The list has version 493, and the events of the watch have the older versions 453 to 457. The reflector applies
    // them, because it does not know their object, but its version stays 493.
    #expect(outcome.events.map(\.summary) == ["all ", "set stirred", "set stirred", "remove stirred"])
    #expect(outcome.requests.last?.contains("resourceVersion=493") == true)
  }

  /// The protobuf recording gives the same Services as the JSON recording of the same cluster.
  @Test(arguments: pieces)
  func `a streamed list in protobuf`(_ pieceSize: Int) async throws {
    let protobuf = await Replay(pieceSize: pieceSize).run([try Recordings.answer("watchlist-services-protobuf")])
    let json = await Replay().run([try Recordings.answer("watchlist-services")])
    guard case .replaceServices(let services) = protobuf.events.first,
      case .replaceServices(let others) = json.events.first
    else {
      Issue.record("\(protobuf.events)")
      return
    }
    #expect(services.count > 1)
    #expect(Set(services).isSuperset(of: others.filter { $0.name.name != "stirred" }))
    #expect(protobuf.status.isSynced)
    #expect(protobuf.status.errors == 0)
    #expect(protobuf.status.rejectedObjects == 0)
  }

  @Test(arguments: pieces)
  func `a list in protobuf`(_ pieceSize: Int) async throws {
    let protobuf = await Replay(pieceSize: pieceSize).run([
      Self.refused, try Recordings.answer("list-services-protobuf"),
    ])
    let expected = try names("list-services-rv0.body.json")
    #expect(protobuf.events.map(\.summary) == ["all " + expected.joined(separator: " ")])
    #expect(protobuf.requests.last?.contains("resourceVersion=493") == true)
    let slices = await Replay(resource: .endpointSlice, pieceSize: pieceSize).run([
      Self.refused, try Recordings.answer("list-endpointslices-protobuf"),
    ])
    guard case .replaceSlices(let all) = slices.events.first else {
      Issue.record("\(slices.events)")
      return
    }
    #expect(all.count > 1)
    #expect(all.allSatisfy { !$0.endpoints.isEmpty })
    #expect(slices.status.rejectedObjects == 0)
  }

  @Test(arguments: pieces)
  func `changes in protobuf`(_ pieceSize: Int) async throws {
    let outcome = await Replay(pieceSize: pieceSize).run([
      try Recordings.answer("watchlist-nothing"), try Recordings.answer("watch-services-protobuf"),
    ])
    #expect(outcome.events.count > 1)
    #expect(outcome.events.first?.summary == "all ")
    #expect(outcome.status.errors == 0)
    #expect(outcome.status.rejectedObjects == 0)
    #expect(Int(outcome.status.lastResourceVersion) ?? 0 > 493)
  }

  @Test func `slices and the node`() async throws {
    let slices = await Replay(resource: .endpointSlice).run([
      try Recordings.answer("watchlist-endpointslices"), try Recordings.answer("watch-endpointslices"),
    ])
    guard case .replaceSlices(let all) = slices.events.first else {
      Issue.record("\(slices.events)")
      return
    }
    #expect(!all.isEmpty)
    #expect(slices.status.rejectedObjects == 0)
    let node = await Replay(resource: .node).run([try Recordings.answer("watchlist-one-node")])
    #expect(node.events.map(\.summary) == ["all nodes kind-worker"])
  }

  @Test(arguments: [
    ("gone-watch", "sendInitialEvents", "410 in the stream"), ("gone-list", "sendInitialEvents", "410 as status"),
    ("unauthorized", "&watch=true", "401"), ("forbidden-watch", "&watch=true", "403"),
    ("not-acceptable", "&watch=true", "406"), ("version-from-the-future", "&watch=true", "504"),
    ("watch-version-from-the-future", "&watch=true", "silence"),
    ("error-protobuf", "&watch=true", "an answer in protobuf"),
    ("gone-watch-protobuf", "sendInitialEvents", "410 in a stream in protobuf"),
  ])
  func `each answer to a watch leads to the right next request`(_ name: String, _ next: String, _ reason: String)
    async throws
  {
    let outcome = await Replay().run([
      try Recordings.answer("watchlist-services-selector"), try Recordings.answer(name),
    ])
    #expect(outcome.events.count == 1, "\(reason): nothing is lost")
    #expect(outcome.requests.last?.contains(next) == true, "\(reason)")
    #expect(
      (outcome.requests.last?.contains("sendInitialEvents") == true) == (next == "sendInitialEvents"), "\(reason)")
  }

  @Test(arguments: [
    ("watchlist-bad-request", "a server that wants it otherwise"), ("watchlist-unsupported", "an etcd that cannot"),
  ])
  func `a server without streaming lists is asked for a list`(_ name: String, _ reason: String) async throws {
    let outcome = await Replay().run([try Recordings.answer(name), try Recordings.answer("list-services-selector")])
    #expect(outcome.requests[1].contains("limit=500"), "\(reason)")
    #expect(outcome.events.count == 1)
    #expect(outcome.requests[2].contains("watch=true"))
  }

  @Test func `pages that expire`() async throws {
    let outcome = await Replay().run([
      Self.refused, try Recordings.answer("list-page-1"), try Recordings.answer("gone-continue"),
      try Recordings.answer("list-services"),
    ])
    #expect(outcome.events.count == 1)
    #expect(outcome.requests[3].contains("limit") == false)
    #expect(outcome.requests[3].contains("continue") == false)
  }

  @Test(arguments: ["not-found-resource", "forbidden"])
  func `an API server without ServiceCIDRs gives an empty list`(_ name: String) async throws {
    let outcome = await Replay(resource: .serviceCIDR).run([try Recordings.answer(name)])
    #expect(outcome.events == [.replaceServiceCIDRs([])])
  }

  /// No answer may end the watcher or make it report objects that were not complete.
  @Test(arguments: Fixtures.answers)
  func `no recorded answer ends the watcher`(_ name: String) async throws {
    let answer = try Recordings.answer(name)
    for resource in ResourceKind.allCases {
      let outcome = await Replay(resource: resource, pieceSize: 11).run([answer, Self.refused, answer, answer])
      #expect(outcome.requests.count >= 5)
      #expect(outcome.status.isSynced == !outcome.events.isEmpty)
    }
  }
}
