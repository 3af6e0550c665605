/// What the API server wraps each answer and each object of a watch in: four bytes that say what it is, then a
/// `runtime.Unknown` (k8s.io/apimachinery pkg/runtime/generated.proto), which names the kind and holds the object.
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
  /// The object's own bytes.
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

  /// - Parameter bytes: with the four in front.
  init(wrapped bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    self.init()
    guard ProtobufEnvelope.isEnvelope(bytes) else {
      throw ProtobufError(problem: "does not begin with the four bytes of Kubernetes' protobuf")
    }
    try read(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(ProtobufEnvelope.magic.count)))
  }

  init() {}
}
