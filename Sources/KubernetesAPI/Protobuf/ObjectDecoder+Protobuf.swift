extension ObjectDecoder {
  /// Decodes one object.
  /// - Parameter source: the origin of the object, for messages.
  mutating func decode(
    protobuf bytes: UnsafeRawBufferPointer, _ type: ProtobufEnvelope.TypeMeta, source: ObjectSource
  ) throws(ObjectFailure) -> DecodedObject {
    let wire: WireObject
    do throws(ProtobufError) {
      wire = try WireObject(type, protobuf: bytes)
    } catch {
      let object = ObjectDecoder.metadata(protobuf: bytes).map {
        ObjectReference(kind: type.kind, namespace: $0.namespace ?? "", name: $0.name ?? "")
      }
      throw .undecodable(error.failure(source, object))
    }
    return try convert(wire, source: source)
  }

  /// The metadata of an object that cannot be decoded as a whole; nil if the metadata cannot be decoded or has no name.
  static func metadata(protobuf bytes: UnsafeRawBufferPointer) -> WireMetadata? {
    var message = MetadataMessage()
    do throws(ProtobufError) {
      try message.read(bytes)
    } catch {
      // The error was already reported. Metadata is the first field, so it was probably read before the error.
    }
    return message.metadata.name?.isEmpty == false ? message.metadata : nil
  }
}
