// Field numbers: k8s.io/apimachinery pkg/apis/meta/v1/generated.proto.

extension APIStatus: ProtobufMessage {
  private struct Details: ProtobufMessage {
    var retryAfterSeconds: Int?

    mutating func take(_ field: ProtobufField) throws(ProtobufError) {
      if field.number == 5 { retryAfterSeconds = try field.int32("retryAfterSeconds") }
    }
  }

  init() { self.init(code: 0, reason: "", message: "") }

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 3: message = try field.string("message")
    case 4: reason = try field.string("reason")
    case 5:
      var details = Details()
      try field.merge(into: &details, "details")
      // Go writes 0 if no time is given.
      if let seconds = details.retryAfterSeconds, seconds > 0 { retryAfterSeconds = seconds }
    case 6: code = try field.int32("code")
    default: break
    }
  }
}

extension APIListMetadata: ProtobufMessage {
  init() { self.init(resourceVersion: "") }

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 2: resourceVersion = try field.string("resourceVersion")
    case 3: continueToken = try field.string("continue")
    default: break
    }
  }
}

extension APIStatus {
  /// Reads the body of an answer that reports a failure.
  init(wrapped bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    let envelope = try ProtobufEnvelope(wrapped: bytes)
    guard envelope.type.kind == "Status" else { throw ProtobufError(problem: "is not a Status") }
    try self.init(protobuf: envelope.object)
  }
}
