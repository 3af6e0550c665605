import Configuration
import KubernetesAPI
import Mutations
import Testing

@testable import Watcher

/// Damaged answers of an API server and of credential plugins.
@Suite(.timeLimit(.minutes(5))) struct StreamMutationTests {
  private static func service(_ name: String, _ version: Int) -> String {
    #"{"kind":"Service","apiVersion":"v1","metadata":{"name":"\#(name)","namespace":"d","resourceVersion":"\#(version)"},"#
      + #""spec":{"clusterIP":"10.0.0.\#(version)","ports":[{"port":80}]}}"#
  }
  private static let watch =
    #"{"type":"ADDED","object":\#(service("a", 1))}"# + "\n" + #"{"type":"MODIFIED","object":\#(service("a", 2))}"#
    + "\n"
    + #"{"type":"DELETED","object":\#(service("b", 3))}"# + "\n"
    + #"{"type":"BOOKMARK","object":{"kind":"Service","metadata":{"resourceVersion":"4"}}}"# + "\n"
    + #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n"
  private static let list =
    #"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"x","remainingItemCount":3},"#
    + #""items":[\#(service("a", 1)),\#(service("b", 2))]}"#
  private static let pieces = [
    "{", "}", "[", "]", "\"", "\\u0000", "\\ud800", "\"items\":", "18446744073709551616", "null",
  ]

  /// Reading a damaged watch ends with at most a few events. If it fails, the error has a text.
  @Test(arguments: 0..<6)
  func `a watch, in pieces`(seed: UInt64) {
    var mutator = Mutator(seed: seed, pieces: Self.pieces)
    for _ in 0..<250 {
      var rest = mutator.mutated(Self.watch)[...]
      var reader = WatchEventReader(format: .json, source: "/watch")
      var decoder = ObjectDecoder()
      var events = 0
      var waiting: [UInt8] = []
      do throws(DecodingFailure) {
        while !rest.isEmpty {
          let piece = rest.prefix(Int.random(in: 1...400, using: &mutator))
          rest = rest.dropFirst(piece.count)
          waiting += piece
          try reader.consume(&waiting, decoder: &decoder) { _ in events += 1 }
        }
      } catch {
        #expect(!error.description.isEmpty)
      }
      #expect(events <= 12)
    }
  }

  @Test(arguments: 0..<6)
  func `a list, in pieces`(seed: UInt64) {
    var mutator = Mutator(seed: seed, pieces: Self.pieces)
    for _ in 0..<250 {
      var bytes = mutator.mutated(Self.list)
      var reader = APIListReader(of: .service, format: .json, source: "/list")
      var decoder = ObjectDecoder()
      var items = 0
      do throws(DecodingFailure) {
        try reader.consume(&bytes, decoder: &decoder) { _ in items += 1 }
        _ = try reader.finish(decoder: decoder)
      } catch {
        #expect(!error.description.isEmpty)
      }
      #expect(items <= 12)
    }
  }

  @Test func `credentials`() {
    let text =
      #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t","#
      + #""clientCertificateData":"c","clientKeyData":"k","expirationTimestamp":"2001-09-09T01:46:50Z"}}"#
    let plugin = ExecPlugin(command: "x")
    JSONValues.replaced(Array(text.utf8)) { changed in
      do throws(CredentialError) {
        let credential = try ExecCredential(String(decoding: changed, as: UTF8.self), plugin: plugin)
        #expect(credential.token != nil || credential.certificate != nil)
      } catch {
        #expect(error.description.hasPrefix("credential plugin x: "))
      }
    }
    var mutator = Mutator(seed: 5, pieces: Self.pieces)
    for _ in 0..<500 {
      let output = String(decoding: mutator.mutated(text), as: UTF8.self)
      if let credential = try? ExecCredential(output, plugin: plugin) {
        #expect(credential.token != nil || credential.certificate != nil)
      }
    }
  }

  @Test(arguments: ["https://a:6443/p", "http://[fd00::1]:80", "https://10.0.0.1"])
  func `URLs`(text: String) {
    var mutator = Mutator(seed: 6, pieces: ["[", "]", ":", "//", "@", "?", "#", ":0", ":65536", "]:"])
    for _ in 0..<500 {
      guard let url = try? ServerURL(String(decoding: mutator.mutated(text), as: UTF8.self)) else { continue }
      #expect(url.port > 0 && !url.host.isEmpty && !url.path.hasSuffix("/"))
    }
  }
}
