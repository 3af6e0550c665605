import Foundation
import ProtobufFixture
import ServiceModel
import Testing

@testable import KubernetesAPI

/// The same object is the same value in both formats, with the same warnings, or fails for the same reason.
@Suite(.timeLimit(.minutes(5))) struct FormatEqualityTests {
  private static let source = ObjectSource(name: "/test")

  private func json(_ object: [String: Any]) throws -> Result<DecodedObject, ObjectFailure> {
    let bytes = try JSONSerialization.data(withJSONObject: object)
    var decoder = ObjectDecoder()
    return Result { () throws(ObjectFailure) in try decoder.decode(bytes, source: Self.source) }
  }

  private func protobuf(_ object: [String: Any]) throws -> Result<DecodedObject, ObjectFailure> {
    var decoder = ObjectDecoder()
    return try ProtobufEncoder.envelope(object).withRawBytes { bytes in
      let envelope = try ProtobufEnvelope(wrapped: bytes)
      return Result { () throws(ObjectFailure) in
        try decoder.decode(protobuf: envelope.object, envelope.type, source: Self.source)
      }
    }
  }

  @Test(arguments: 0..<8)
  func `random objects`(seed: UInt64) throws {
    var objects = RandomObject(seed: seed)
    var decoded = 0
    for _ in 0..<400 {
      let object = objects.next()
      let (json, protobuf) = (try json(object), try protobuf(object))
      #expect(json == protobuf, "\(object)")
      if case .success = json { decoded += 1 }
    }
    #expect(decoded > 50, "most of them would say nothing if they failed")
  }

  @Test func `a wrong type on the wire is named`() throws {
    let ports: [[String: Any]] = [["port": 80], ["port": "http"]]
    let spec: [String: Any] = ["clusterIP": "10.0.0.1", "ports": ports]
    let object: [String: Any] = [
      "kind": "Service", "apiVersion": "v1", "metadata": ["name": "web", "namespace": "default"], "spec": spec,
    ]
    let result = try protobuf(object)
    guard case .failure(.undecodable(let failure)) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(failure.field == "spec.ports[1].port")
    #expect(failure.object == ObjectReference(kind: "Service", namespace: "default", name: "web"))
  }

  @Test func `a ServiceCIDR counts once it is ready`() throws {
    func content(_ conditions: [[String: String]]?) throws -> DecodedObject.Content {
      var object: [String: Any] = [
        "kind": "ServiceCIDR", "apiVersion": "networking.k8s.io/v1", "metadata": ["name": "kubernetes"],
        "spec": ["cidrs": ["10.96.0.0/12"]],
      ]
      if let conditions { object["status"] = ["conditions": conditions] }
      let decoded = try json(object).get()
      #expect(try protobuf(object).get() == decoded)
      return decoded.content
    }
    let ready = try content(nil)
    guard case .serviceCIDR(let blocks) = ready else {
      Issue.record("\(ready)")
      return
    }
    #expect(blocks.map(\.description) == ["10.96.0.0/12"], "as the API server's allocator takes it")
    #expect(try content([["type": "Ready", "status": "True"]]) == ready)
    #expect(try content([["type": "Ready", "status": "False"]]) == .ignored(.notReady))
    #expect(try content([["type": "Ready", "status": "Unknown"]]) == .ignored(.notReady))
    #expect(try content([["type": "Other", "status": "False"]]) == ready)
  }
}
