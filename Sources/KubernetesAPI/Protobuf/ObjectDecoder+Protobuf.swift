extension ObjectDecoder {
  /// Decodes one object.
  /// - Parameter source: where the object is from, for messages.
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

  /// The metadata of an object that cannot be decoded as a whole; nil if that is unreadable too, or has no name.
  static func metadata(protobuf bytes: UnsafeRawBufferPointer) -> WireMetadata? {
    var message = MetadataMessage()
    do throws(ProtobufError) {
      try message.read(bytes)
    } catch {
      // What is wrong has been told already. Metadata comes first, so it may well have been read.
    }
    return message.metadata.name?.isEmpty == false ? message.metadata : nil
  }
}
