import ServiceModel

/// meta/v1 WatchEvent in protobuf. Its object has its own envelope.
struct WireWatchFrame: ProtobufMessage {
  private struct RawExtension: ProtobufMessage {
    var raw = UnsafeRawBufferPointer(start: nil, count: 0)

    mutating func take(_ field: ProtobufField) throws(ProtobufError) {
      if field.number == 1 { raw = try field.bytes("raw") }
    }
  }

  var type = ""
  private var object = RawExtension()

  init() {}

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: type = try field.string("type")
    case 2: try field.merge(into: &object, "object")
    default: break
    }
  }

  func envelope() throws(ProtobufError) -> ProtobufEnvelope {
    do throws(ProtobufError) {
      return try ProtobufEnvelope(wrapped: object.raw)
    } catch {
      throw error.within("object")
    }
  }
}

extension ObjectDecoder {
  /// Decodes one event.
  /// - Throws: if it is not a valid event, or if its object is not valid and has no readable name. (An object that is
  ///   not valid but has a name is `rejected`.)
  mutating func event(
    protobuf frame: UnsafeRawBufferPointer, source: ObjectSource
  ) throws(DecodingFailure) -> WatchEvent {
    do throws(ProtobufError) {
      return try event(try WireWatchFrame(protobuf: frame), source)
    } catch {
      throw error.failure(source)
    }
  }

  private mutating func event(_ wire: WireWatchFrame, _ source: ObjectSource) throws(ProtobufError) -> WatchEvent {
    if let change = WatchEvent.Change(rawValue: wire.type) {
      let envelope = try wire.envelope()
      do throws(ObjectFailure) {
        return .change(change, try decode(protobuf: envelope.object, envelope.type, source: source))
      } catch {
        if let (field, problem) = error.withoutName {
          throw ProtobufError(field: field, problem: problem).within("object")
        }
        let version = ObjectDecoder.metadata(protobuf: envelope.object)?.resourceVersion ?? ""
        return .rejected(change, error, resourceVersion: version)
      }
    }
    switch wire.type {
    case "BOOKMARK":
      let metadata = try content(MetadataMessage.self, wire.envelope()).metadata
      return .bookmark(
        resourceVersion: metadata.resourceVersion ?? "",
        endsInitialEvents: metadata.annotations?.initialEventsEnd == "true")
    case "ERROR": return .error(try content(APIStatus.self, wire.envelope()))
    default: throw ProtobufError(field: "type", problem: "\(wire.type.quoted) is not a known type of event")
    }
  }

  private func content<Message: ProtobufMessage>(
    _: Message.Type, _ envelope: ProtobufEnvelope
  ) throws(ProtobufError) -> Message {
    do throws(ProtobufError) {
      return try Message(protobuf: envelope.object)
    } catch {
      throw error.within("object")
    }
  }
}
