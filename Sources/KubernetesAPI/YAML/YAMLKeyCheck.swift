private import CYaml

/// Whether all keys of a YAML text are plain values, found without putting its documents together.
///
/// Yams compares a mapping's keys with each other. A key that is a list of aliases of lists of aliases stands for more
/// elements than can ever be looked at; no manifest or configuration has anything but strings for keys.
enum YAMLKeyCheck {
  /// What is open around an event.
  private struct Collection {
    let isMapping: Bool
    var isAtKey: Bool
  }

  /// The line, counted from 1, of the first key that is a list, a mapping or an alias; nil if there is none, or if the text
  /// is no YAML from some earlier place on.
  static func lineOfComplexKey(_ text: String) -> Int? {
    // Without an alias nothing can be larger than the text.
    guard text.utf8.contains(UInt8(ascii: "*")), text.utf8.contains(UInt8(ascii: "&")) else { return nil }
    var text = text
    return text.withUTF8 { bytes in
      var parser = yaml_parser_t()
      guard yaml_parser_initialize(&parser) == 1 else { return nil }
      defer { yaml_parser_delete(&parser) }
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      return scan(&parser)
    }
  }

  private static func scan(_ parser: inout yaml_parser_t) -> Int? {
    var open: [Collection] = []
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else { return nil }
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return nil
      case YAML_SCALAR_EVENT: pass(&open)
      case YAML_ALIAS_EVENT, YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
        if open.last?.isAtKey == true { return Int(event.start_mark.line) + 1 }
        pass(&open)
        if event.type == YAML_SEQUENCE_START_EVENT { open.append(Collection(isMapping: false, isAtKey: false)) }
        if event.type == YAML_MAPPING_START_EVENT { open.append(Collection(isMapping: true, isAtKey: true)) }
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: _ = open.popLast()
      default: break
      }
    }
  }

  /// A key or a value has begun: the next one of a mapping is the other.
  private static func pass(_ open: inout [Collection]) {
    if open.last?.isMapping == true { open[open.count - 1].isAtKey.toggle() }
  }
}
