/// An object's metadata together with the fields of its kind.
private struct ObjectMessage<Body: ProtobufMessage>: ProtobufMessage {
  var metadata = WireMetadata()
  var body = Body()

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 {
      try field.merge(into: &metadata, "metadata")
    } else {
      try body.take(field)
    }
  }
}

/// An object of which only the metadata is read.
struct MetadataMessage: ProtobufMessage {
  var metadata = WireMetadata()

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.merge(into: &metadata, "metadata") }
  }
}

extension WireObject {
  /// Reads an object whose kind is already known from its envelope or from its list.
  init(_ type: ProtobufEnvelope.TypeMeta, protobuf bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    apiVersion = type.apiVersion
    kind = type.kind
    guard let resource = ResourceKind(rawValue: kind), resource.apiVersions.contains(apiVersion) else {
      metadata = try MetadataMessage(protobuf: bytes).metadata
      body = .other
      return
    }
    switch resource {
    case .service:
      let message = try ObjectMessage<WireService>(protobuf: bytes)
      (metadata, body) = (message.metadata, .service(message.body))
    case .endpointSlice:
      let message = try ObjectMessage<WireEndpointSlice>(protobuf: bytes)
      (metadata, body) = (message.metadata, .endpointSlice(message.body))
    case .node:
      let message = try ObjectMessage<WireNode>(protobuf: bytes)
      (metadata, body) = (message.metadata, .node(message.body))
    case .serviceCIDR:
      let message = try ObjectMessage<WireServiceCIDR>(protobuf: bytes)
      (metadata, body) = (message.metadata, .serviceCIDR(message.body))
    }
  }
}
