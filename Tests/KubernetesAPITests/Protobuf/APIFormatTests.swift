import ProtobufFixture
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct APIFormatTests {
  @Test(
    arguments: [
      ("application/vnd.kubernetes.protobuf", .protobuf),
      ("application/vnd.kubernetes.protobuf;stream=watch", .protobuf),
      ("Application/VND.kubernetes.protobuf ; stream=watch", .protobuf), ("application/json", .json),
      ("application/json;stream=watch", .json), ("text/html", .json), ("", .json), (nil, .json),
      ("application/vnd.kubernetes.protobuffer", .json),
    ] as [(String?, APIFormat)])
  func `the content type gives the format`(_ contentType: String?, _ format: APIFormat) {
    #expect(APIFormat(contentType: contentType) == format)
  }

  @Test func `an error is read in either format`() {
    let status: [String: Any] = [
      "kind": "Status", "apiVersion": "v1", "code": 429, "reason": "TooManyRequests", "message": "slow down",
      "details": ["retryAfterSeconds": 2],
    ]
    let expected = APIStatus(code: 429, reason: "TooManyRequests", message: "slow down", retryAfterSeconds: 2)
    let decoder = ObjectDecoder()
    #expect(decoder.status(ProtobufEncoder.envelope(status)) == expected)
    #expect(decoder.status(ProtobufEncoder.envelope(["kind": "Service", "apiVersion": "v1"])) == nil)
    #expect(decoder.status(Array("k8s\0".utf8) + [0x0a, 9]) == nil)
    #expect(decoder.status(Array("k8s".utf8)) == nil)
  }
}
