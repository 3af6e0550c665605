import CYAML

/// An event of libyaml's parser, with the fields that are used here.
struct YAMLEvent {
  enum Kind {
    case scalar(YAMLText)
    case alias
    case sequenceStart
    case mappingStart
    /// The end of a sequence or a mapping.
    case collectionEnd
    case documentStart
    case documentEnd
    case streamStart
    case streamEnd
  }

  let kind: Kind
  /// Counted from 1.
  let line: Int
  /// The name of the anchor that the event defines or that the alias refers to.
  let anchor: String?

  init(_ event: yaml_event_t) {
    line = Int(event.start_mark.line) + 1
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      kind = .scalar(YAMLText(scalar))
      anchor = YAMLEvent.text(scalar.anchor)
    case YAML_ALIAS_EVENT:
      kind = .alias
      anchor = YAMLEvent.text(event.data.alias.anchor)
    case YAML_SEQUENCE_START_EVENT:
      kind = .sequenceStart
      anchor = YAMLEvent.text(event.data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT:
      kind = .mappingStart
      anchor = YAMLEvent.text(event.data.mapping_start.anchor)
    default:
      kind = YAMLEvent.plainKind(event.type)
      anchor = nil
    }
  }

  /// The kind of an event that carries no other data.
  private static func plainKind(_ type: yaml_event_type_t) -> Kind {
    switch type {
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: .collectionEnd
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_STREAM_START_EVENT: .streamStart
    // YAML_NO_EVENT comes after the end of the stream.
    default: .streamEnd
    }
  }

  fileprivate static func text(_ pointer: UnsafePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }
}

extension YAMLText {
  private static let coreTags = ["int", "float", "bool", "null"].map { "tag:yaml.org,2002:\($0)" }

  fileprivate init(_ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar) {
    text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let isUnquoted = scalar.style == YAML_PLAIN_SCALAR_STYLE
    isPlain =
      switch YAMLEvent.text(scalar.tag) {
      // The tag `!` says that the scalar is a string.
      case "tag:yaml.org,2002:str", "!": false
      case let tag?: isUnquoted || YAMLText.coreTags.contains(tag)
      case nil: isUnquoted
      }
  }
}
