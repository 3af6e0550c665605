/// The envelope of each answer and each watch object of the API server: four magic bytes, followed by a
/// `runtime.Unknown` (k8s.io/apimachinery pkg/runtime/generated.proto), which contains the kind and the object.
struct ProtobufEnvelope: ProtobufMessage {
  static let magic = Array("k8s\0".utf8)

  struct TypeMeta: ProtobufMessage {
    var apiVersion = ""
    var kind = ""

    mutating func take(_ field: ProtobufField) throws(ProtobufError) {
      switch field.number {
      case 1: apiVersion = try field.string("apiVersion")
      case 2: kind = try field.string("kind")
      default: break
      }
    }
  }

  var type = TypeMeta()
  /// The bytes of the object itself.
  var object = UnsafeRawBufferPointer(start: nil, count: 0)

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: try field.merge(into: &type, "typeMeta")
    case 2: object = try field.bytes("raw")
    case 3:
      guard try field.bytes("contentEncoding").isEmpty else {
        throw ProtobufError(field: "contentEncoding", problem: "is not empty: the object is compressed")
      }
    default: break
    }
  }

  static func isEnvelope(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: magic) }

  /// - Parameter bytes: the envelope including its four magic bytes.
  init(wrapped bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    self.init()
    guard ProtobufEnvelope.isEnvelope(bytes) else {
      throw ProtobufError(problem: "does not begin with the four bytes of Kubernetes' protobuf")
    }
    try read(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(ProtobufEnvelope.magic.count)))
  }

  init() {}
}
