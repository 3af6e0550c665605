import FoundationEssentials
import ServiceModel

/// A failure that the API server reports (meta/v1 Status), as an answer or in a watch.
package struct APIStatus: Error, Hashable, Sendable {
  /// The HTTP code; 410 for a version that is too old.
  package var code: Int
  /// For example `Expired` or `Forbidden`.
  package var reason: String
  package var message: String
  /// How many seconds the server asks the client to wait.
  package var retryAfterSeconds: Int?

  package init(code: Int, reason: String, message: String, retryAfterSeconds: Int? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }
}

extension APIStatus: CustomStringConvertible {
  package var description: String { "\(code) \(reason.printable): \(message.printable)" }
}

extension APIStatus: Decodable {
  private enum CodingKeys: String, CodingKey {
    case code, reason, message, details
  }

  private struct Details: Decodable {
    var retryAfterSeconds: Int?
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decodeIfPresent(Int.self, forKey: .code) ?? 0
    reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
    message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
    retryAfterSeconds = try container.decodeIfPresent(Details.self, forKey: .details)?.retryAfterSeconds
  }
}

extension ObjectDecoder {
  /// Reads the body of an answer that reports a failure. nil if it is not a Status, because a proxy in between may
  /// answer with anything. The first bytes show the format.
  package func status(_ body: some Sequence<UInt8>) -> APIStatus? {
    let body = Array(body)
    if ProtobufEnvelope.isEnvelope(body) { return try? body.withRawBytes(APIStatus.init(wrapped:)) }
    let data = Data(body)
    guard (try? decoder.decode(WireIdentity.self, from: data))?.kind == "Status" else { return nil }
    return try? decoder.decode(APIStatus.self, from: data)
  }
}
