import CYAML

/// libyaml's parser together with the text that it reads.
struct YAMLParser: ~Copyable {
  /// libyaml keeps pointers into the parser and into the text, so neither may move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ text: String) {
    parser = .allocate(capacity: 1)
    self.text = .allocate(capacity: text.utf8.count)
    _ = self.text.initialize(from: text.utf8)
    guard yaml_parser_initialize(parser) == 1 else { fatalError("there is no memory for a YAML parser") }
    // libyaml detects a byte order mark only if no encoding is set.
    yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  /// The next event. After an error there are no more events.
  func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
    defer { yaml_event_delete(&event) }
    return YAMLEvent(event)
  }

  private func error() -> YAMLError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "out of memory while reading"
    switch state.error {
    case YAML_READER_ERROR:
      return YAMLError(line: line(at: state.problem_offset), problem: problem)
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      let context = state.context.map { " \(String(cString: $0)) of line \(state.context_mark.line + 1)" } ?? ""
      return YAMLError(line: Int(state.problem_mark.line) + 1, problem: problem + context)
    default:
      return YAMLError(line: nil, problem: problem)
    }
  }

  /// The line of a byte. For a character that YAML does not allow, libyaml reports only the byte offset.
  private func line(at offset: Int) -> Int { text.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1 }
}
