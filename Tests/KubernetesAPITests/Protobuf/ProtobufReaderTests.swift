import Foundation
import Mutations
import ProtobufFixture
import Testing

@testable import KubernetesAPI

/// Streams and lists in protobuf, in pieces of any size, right and wrong.
@Suite(.timeLimit(.minutes(5))) struct ProtobufReaderTests {
  private static func service(_ name: String, _ version: Int, clusterIP: String? = nil) -> String {
    let address = clusterIP ?? "\"10.0.0.\(version)\""
    let metadata = #"{"name":"\#(name)","namespace":"d","resourceVersion":"\#(version)"}"#
    return #"{"kind":"Service","apiVersion":"v1","metadata":\#(metadata),"#
      + #""spec":{"clusterIP":\#(address),"ports":[{"port":80,"protocol":"TCP"}]}}"#
  }

  private static func event(_ type: String, _ object: String) throws -> [UInt8] {
    try ProtobufEncoder.frame(json: Data(#"{"type":"\#(type)","object":\#(object)}"#.utf8))
  }

  private static let watch: [UInt8] = {
    do {
      return try event("ADDED", service("a", 1)) + event("MODIFIED", service("a", 2))
        + event("DELETED", service("b", 3))
        + event(
          "BOOKMARK",
          #"{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"4","annotations":"#
            + #"{"k8s.io/initial-events-end":"true"}}}"#)
        + event(
          "ERROR",
          #"{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired","message":"too old","#
            + #""details":{"retryAfterSeconds":3}}"#)
    } catch {
      fatalError("\(error)")
    }
  }()

  private static let list: [UInt8] = {
    do {
      return try ProtobufEncoder.envelope(
        json: Data(
          (#"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"x","#
            + #""remainingItemCount":3},"items":[\#(service("a", 1)),\#(service("b", 2))]}"#).utf8))
    } catch {
      fatalError("\(error)")
    }
  }()

  /// Reads a watch whose bytes come in pieces. The rest of a piece that was not read comes again with the next piece.
  private func read(_ bytes: [UInt8], pieces: Int) throws(DecodingFailure) -> (events: [String], isWhole: Bool) {
    var reader = WatchEventReader(format: .protobuf, source: "/watch")
    var decoder = ObjectDecoder()
    var events: [String] = []
    var (waiting, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[...])
    while !rest.isEmpty {
      waiting += rest.prefix(pieces)
      rest = rest.dropFirst(pieces)
      try reader.consume(&waiting, decoder: &decoder) { events.append(Self.summary($0)) }
    }
    return (events, reader.isBetweenEvents)
  }

  private static func summary(_ event: WatchEvent) -> String {
    switch event {
    case .change(let change, let object): "\(change.rawValue) \(object.reference) at \(object.resourceVersion)"
    case .rejected(let change, let failure, let version): "\(change.rawValue) rejected at \(version): \(failure)"
    case .bookmark(let version, let ends): "bookmark \(version) \(ends)"
    case .error(let status): "error \(status) \(status.retryAfterSeconds ?? 0)"
    }
  }

  @Test(arguments: [1, 2, 3, 5, 64, 100_000])
  func `a watch in pieces`(_ size: Int) throws {
    let outcome = try read(Self.watch, pieces: size)
    #expect(
      outcome.events == [
        "ADDED Service d/a at 1", "MODIFIED Service d/a at 2", "DELETED Service d/b at 3", "bookmark 4 true",
        "error 410 Expired: too old 3",
      ])
    #expect(outcome.isWhole)
    #expect(try !read(Self.watch.dropLast(1), pieces: size).isWhole)
  }

  @Test(arguments: [1, 2, 7, 100, 100_000])
  func `a list in pieces`(_ size: Int) throws {
    var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
    var decoder = ObjectDecoder()
    var names: [String] = []
    var (waiting, rest): ([UInt8], ArraySlice<UInt8>) = ([], Self.list[...])
    while !rest.isEmpty {
      waiting += rest.prefix(size)
      rest = rest.dropFirst(size)
      try reader.consume(&waiting, decoder: &decoder) { names.append((try? $0.get().reference.name) ?? "none") }
      #expect(waiting.count < 200 + size, "an item that is complete does not wait")
    }
    #expect(names == ["a", "b"])
    let end = APIListMetadata(resourceVersion: "9", continueToken: "x")
    #expect(try reader.finish(decoder: decoder) == end)
  }

  @Test func `a list that is cut off is an error`() throws {
    for length in 0..<Self.list.count - 4 {
      var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
      var decoder = ObjectDecoder()
      var bytes = Array(Self.list.prefix(length))
      try reader.consume(&bytes, decoder: &decoder) { _ in }
      let error = #expect(throws: DecodingFailure.self, "\(length)") { try reader.finish(decoder: decoder) }
      #expect(error?.description == "/list: the list ends too early")
    }
  }

  @Test func `a list may be the last field of its envelope`() throws {
    // The encoder writes two empty fields behind the list, as Kubernetes does.
    var bytes = Array(Self.list.dropLast(4))
    var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
    var decoder = ObjectDecoder()
    var count = 0
    try reader.consume(&bytes, decoder: &decoder) { _ in count += 1 }
    #expect(try reader.finish(decoder: decoder).resourceVersion == "9")
    #expect(count == 2)
  }

  @Test func `what is not read is skipped without being kept`() throws {
    var raw = ProtobufWriter()
    raw.bytes(9, Array(repeating: 7, count: 1 << 20))
    raw.bytes(1, [])
    var type = ProtobufWriter()
    type.text(2, "ServiceList")
    var rest = ProtobufEncoder.envelope(type: type.bytes, raw: raw.bytes)[...]
    var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
    var decoder = ObjectDecoder()
    var waiting: [UInt8] = []
    while !rest.isEmpty {
      waiting += rest.prefix(4096)
      rest = rest.dropFirst(4096)
      try reader.consume(&waiting, decoder: &decoder) { _ in Issue.record("no item was sent") }
      #expect(waiting.count < 64)
    }
    #expect(try reader.finish(decoder: decoder).resourceVersion == "")
  }

  @Test(
    arguments: [
      (Array("{\"kind\":\"ServiceList\"}".utf8), "four bytes", "JSON"),
      (ProtobufEncoder.envelope(["kind": "NodeList", "apiVersion": "v1"]), "is \"NodeList\"", "another list"),
      (ProtobufEncoder.envelope(["kind": "Status", "apiVersion": "v1"]), "is \"Status\"", "no list"),
      (Array("k8s\0".utf8) + [0x12, 0x80, 0x80, 0x80, 0x10], "is \"\"", "no kind"),
      (Array("k8s\0".utf8) + [0x0a, 0x80, 0x80, 0x80, 0x10], "claims 33554432 bytes", "an envelope without end"),
    ] as [([UInt8], String, String)])
  func `answers that are no list are refused`(_ bytes: [UInt8], _ problem: String, _ reason: String) {
    var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
    var decoder = ObjectDecoder()
    var bytes = bytes
    let error = #expect(throws: DecodingFailure.self, "\(reason)") {
      try reader.consume(&bytes, decoder: &decoder) { _ in }
    }
    #expect(error?.problem.contains(problem) == true, "\(reason): \(error?.description ?? "")")
  }

  @Test func `an item longer than its list is refused`() throws {
    var type = ProtobufWriter()
    type.text(2, "ServiceList")
    var bytes = ProtobufEncoder.envelope(type: type.bytes, raw: [0x12, 0x7f, 0])
    var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
    var decoder = ObjectDecoder()
    let error = #expect(throws: DecodingFailure.self) { try reader.consume(&bytes, decoder: &decoder) { _ in } }
    #expect(error?.problem == "field 2 is longer than the list that it is in")
  }

  @Test(
    arguments: [
      ([0xff, 0xff, 0xff, 0xff], "a frame claims 4294967295 bytes", "a length that lies"),
      ([0, 0, 0, 2, 0x0a, 9], "claims 9 bytes, and 0 are left", "a frame that is too short"),
      (ProtobufEncoder.frame([]), "\"\" is not a known type of event", "an empty frame"),
      (ProtobufEncoder.frame("ADDED", object: []), "four bytes", "no object"),
      (ProtobufEncoder.frame("ODD", object: []), "\"ODD\" is not a known type of event", "an unknown event"),
      (Array("{\"type\":\"ADDED\"}".utf8), "a frame claims", "JSON"),
    ] as [([UInt8], String, String)])
  func `answers that are no watch are refused`(_ bytes: [UInt8], _ problem: String, _ reason: String) {
    let error = #expect(throws: DecodingFailure.self, "\(reason)") { try read(bytes, pieces: 100) }
    #expect(error?.problem.contains(problem) == true, "\(reason): \(error?.description ?? "")")
  }

  /// If an object cannot be read but has a name, only this object is left out.
  @Test func `only the object that cannot be read is left out`() throws {
    let odd = Self.service("odd", 7, clusterIP: "5")
    let outcome = try read(Self.event("MODIFIED", odd) + Self.event("ADDED", Self.service("a", 8)), pieces: 100)
    #expect(
      outcome.events == [
        "MODIFIED rejected at 7: /watch: Service d/odd: spec.clusterIP: is a varint and must be bytes",
        "ADDED Service d/a at 8",
      ])
    let nameless = try Self.event("MODIFIED", Self.service("", 7, clusterIP: "5"))
    let error = #expect(throws: DecodingFailure.self) { try read(nameless, pieces: 100) }
    #expect(error?.description == "/watch: object.spec.clusterIP: is a varint and must be bytes")
  }

  /// Reading any bytes ends with events or an error, and never reads beyond the bytes.
  @Test(arguments: 0..<8)
  func `mutated watches`(seed: UInt64) {
    var mutator = Mutator(seed: seed)
    for _ in 0..<400 {
      let bytes = mutator.mutated(Self.watch)
      do throws(DecodingFailure) {
        #expect(try read(bytes, pieces: Int.random(in: 1...400, using: &mutator)).events.count <= 12)
      } catch {
        #expect(error.description.hasPrefix("/watch: "))
      }
    }
  }

  /// Each bit of each frame, and each place where a frame can be cut.
  @Test func `every bit and every cut`() {
    for index in Self.watch.indices {
      for bit in 0..<8 {
        var bytes = Self.watch
        bytes[index] ^= 1 << UInt8(bit)
        do throws(DecodingFailure) {
          #expect(try read(bytes, pieces: .max).events.count <= 5)
        } catch {
          #expect(!error.problem.isEmpty)
        }
      }
      var cut = Self.watch
      cut.remove(at: index)
      do throws(DecodingFailure) {
        #expect(try read(cut, pieces: .max).events.count <= 5)
      } catch {
        #expect(!error.problem.isEmpty)
      }
    }
  }

  @Test(arguments: 0..<8)
  func `mutated lists`(seed: UInt64) {
    var mutator = Mutator(seed: seed)
    for _ in 0..<400 {
      var reader = APIListReader(of: .service, format: .protobuf, source: "/list")
      var decoder = ObjectDecoder()
      var bytes = mutator.mutated(Self.list)
      do throws(DecodingFailure) {
        try reader.consume(&bytes, decoder: &decoder) { _ in }
        #expect(try reader.finish(decoder: decoder).resourceVersion.count < 100)
      } catch {
        #expect(error.description.hasPrefix("/list: "))
      }
    }
  }
}
