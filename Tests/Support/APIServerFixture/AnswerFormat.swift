import Foundation
import ProtobufFixture

/// The format of an answer: protobuf if the client names it first and this server supports it, otherwise JSON.
enum AnswerFormat {
  case json
  case protobuf

  init(_ request: ServerRequest, _ options: APIServer.Options) {
    let accepts = request.headers["accept"] ?? ""
    self = options.speaksProtobuf && accepts.hasPrefix("application/vnd.kubernetes.protobuf") ? .protobuf : .json
  }

  var headers: [String: String] {
    self == .json ? jsonHeaders : ["Content-Type": "application/vnd.kubernetes.protobuf"]
  }

  var streamHeaders: [String: String] {
    self == .json ? jsonHeaders : ["Content-Type": "application/vnd.kubernetes.protobuf;stream=watch"]
  }

  /// An answer that is given in JSON, in this format.
  func response(_ response: ServerResponse) throws -> ServerResponse {
    guard self == .protobuf else { return response }
    var converted = response
    converted.headers = response.headers.merging(headers) { $1 }
    converted.body = Data(try ProtobufEncoder.envelope(json: response.body))
    return converted
  }

  /// An event of a watch.
  func event(_ type: String, _ object: StoredObject) -> Data {
    switch self {
    case .json: Self.line(type, object.json)
    case .protobuf: Data(ProtobufEncoder.frame(type, object: object.protobuf))
    }
  }

  /// An event of a watch with an object that is given in JSON.
  func event(_ type: String, json: Data) throws -> Data {
    switch self {
    case .json: Self.line(type, json)
    case .protobuf: Data(ProtobufEncoder.frame(type, object: try ProtobufEncoder.envelope(json: json)))
    }
  }

  private static func line(_ type: String, _ object: Data) -> Data {
    Data(#"{"type":"\#(type)","object":"#.utf8) + object + Data("}\n".utf8)
  }
}
