import ServiceModel
import Testing

@testable import KubernetesAPI

private let listJSON = #"""
  {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"451","continue":"abc","remainingItemCount":3},
   "items":[{"metadata":{"name":"a","namespace":"x","resourceVersion":"7"},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":1}]}},
            {"metadata":{"name":"b","namespace":"x"},"spec":{"clusterIP":"10.0.0.2","ports":[{"port":"1"}]}},
            {"metadata":{"name":"c","namespace":"x"},"spec":{"clusterIP":"None"}}]}
  """#

@Suite(.timeLimit(.minutes(5))) struct APIReaderTests {
  @Test(arguments: [1, 2, 3, 7, 64, 100_000])
  func `a list in pieces of every size`(pieceSize: Int) throws {
    var reader = APIListReader(of: .service, format: .json, source: "/api/v1/services")
    var decoder = ObjectDecoder()
    var names: [String] = []
    var failures: [String] = []
    var bytes: [UInt8] = []
    for piece in Array(listJSON.utf8).pieces(of: pieceSize) {
      bytes += piece
      try reader.consume(&bytes, decoder: &decoder) { result in
        switch result {
        case .success(let object): names.append("\(object.reference) \(object.resourceVersion)")
        case .failure(let failure): failures.append(failure.description)
        }
      }
    }
    let metadata = try reader.finish(decoder: decoder)
    #expect(metadata == APIListMetadata(resourceVersion: "451", continueToken: "abc"))
    #expect(names == ["Service x/a 7", "Service x/c "])
    #expect(failures == ["/api/v1/services (item 2): Service x/b: spec.ports[0].port: is not a number"])
  }

  @Test(arguments: [1, 40, 130, 300, 400])
  func `a list that is cut off is no list`(length: Int) throws {
    var reader = APIListReader(of: .service, format: .json, source: "/api/v1/services")
    var decoder = ObjectDecoder()
    var bytes = Array(listJSON.utf8.prefix(length))
    try reader.consume(&bytes, decoder: &decoder) { _ in }
    #expect(throws: DecodingFailure.self) { try reader.finish(decoder: decoder) }
  }

  @Test func `watch events`() throws {
    let stream = #"""
      {"type":"ADDED","object":{"kind":"Service","apiVersion":"v1","metadata":{"name":"a","namespace":"x","resourceVersion":"8"},"spec":{"clusterIP":"None"}}}
      {"type":"MODIFIED","object":{"kind":"Service","apiVersion":"v1","metadata":{"name":"a","namespace":"x","resourceVersion":"9"},"spec":{"clusterIP":5}}}
      {"type":"DELETED","object":{"kind":"Service","apiVersion":"v1","metadata":{"name":"a","namespace":"x","resourceVersion":"10"},"spec":{"clusterIP":"x","ports":[{"port":1}]}}}
      {"type":"BOOKMARK","object":{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"11","annotations":{"k8s.io/initial-events-end":"true"}}}}
      {"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410}}
      """#
    var reader = WatchEventReader(format: .json, source: "watch")
    var decoder = ObjectDecoder()
    var events: [WatchEvent] = []
    var bytes: [UInt8] = []
    for piece in Array(stream.utf8).pieces(of: 50) {
      bytes += piece
      try reader.consume(&bytes, decoder: &decoder) { events.append($0) }
    }
    #expect(reader.isBetweenEvents)
    let source = ObjectSource(name: "watch")
    let reference = ObjectReference(kind: "Service", namespace: "x", name: "a")
    #expect(
      events == [
        .change(
          .added,
          DecodedObject(
            source: source, reference: reference, resourceVersion: "8", content: .ignored(.headless), warnings: [])),
        .rejected(
          .modified,
          .undecodable(
            DecodingFailure(source: source, object: reference, field: "spec.clusterIP", problem: "is not a string")),
          resourceVersion: "9"),
        .rejected(
          .deleted,
          .invalid(
            ObjectError(
              source: source, object: reference, field: "spec.clusterIP", problem: "\"x\" is not an IP address")),
          resourceVersion: "10"),
        .bookmark(resourceVersion: "11", endsInitialEvents: true),
        .error(APIStatus(code: 410, reason: "Expired", message: "too old")),
      ])
  }

  @Test(arguments: [
    "[]", "{}", #"{"type":"SOMETHING","object":{}}"#, "<html>",
    // It is not known which object has changed.
    #"{"type":"ADDED","object":{"kind":"Service","apiVersion":"v1","metadata":{"name":7},"spec":{}}}"#,
    #"{"type":"ADDED","object":{"kind":"Service","apiVersion":"v1","metadata":{},"spec":{}}}"#,
    #"{"type":"DELETED","object":{"kind":"Service","apiVersion":"v1","spec":{"clusterIP":5}}}"#,
  ])
  func `a frame that is no event ends the watch`(text: String) {
    var reader = WatchEventReader(format: .json, source: "watch")
    var decoder = ObjectDecoder()
    var bytes = Array(text.utf8)
    #expect(throws: DecodingFailure.self) { try reader.consume(&bytes, decoder: &decoder) { _ in } }
  }

  @Test func `status of an answer`() {
    let decoder = ObjectDecoder()
    let json =
      #"{"kind":"Status","message":"slow down","reason":"TooManyRequests","code":429,"details":{"retryAfterSeconds":2}}"#
    #expect(
      decoder.status(json.utf8)
        == APIStatus(code: 429, reason: "TooManyRequests", message: "slow down", retryAfterSeconds: 2))
    #expect(decoder.status("<html>Bad gateway</html>".utf8) == nil)
  }
}

extension Array {
  /// The array in pieces of `size` elements.
  func pieces(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
