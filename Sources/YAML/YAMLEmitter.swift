import CYAML

/// libyaml's emitter, for one document.
struct YAMLEmitter: ~Copyable {
  /// libyaml keeps pointers to both, so they must not move.
  private let emitter: UnsafeMutablePointer<yaml_emitter_t>
  private let output: UnsafeMutablePointer<[UInt8]>

  init() {
    emitter = .allocate(capacity: 1)
    output = .allocate(capacity: 1)
    output.initialize(to: [])
    guard yaml_emitter_initialize(emitter) == 1 else { fatalError("there is no memory for a YAML emitter") }
    yaml_emitter_set_output(
      emitter,
      { output, bytes, count in
        output?.assumingMemoryBound(to: [UInt8].self).pointee
          .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return 1
      }, output)
  }

  deinit {
    yaml_emitter_delete(emitter)
    emitter.deallocate()
    output.deinitialize(count: 1)
    output.deallocate()
  }

  consuming func write(_ root: YAMLNode) throws(YAMLError) -> String {
    try emit { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
    try emit { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
    try put(root)
    try emit { yaml_document_end_event_initialize(&$0, 1) }
    try emit { yaml_stream_end_event_initialize(&$0) }
    return String(decoding: output.pointee, as: UTF8.self)
  }

  private borrowing func put(_ node: YAMLNode) throws(YAMLError) {
    switch node.content {
    case .scalar(let scalar): try put(scalar)
    case .sequence(let items):
      let style = items.isEmpty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
      try emit { yaml_sequence_start_event_initialize(&$0, nil, nil, 1, style) }
      for item in items { try put(item) }
      try emit { yaml_sequence_end_event_initialize(&$0) }
    case .mapping(let mapping):
      let style = mapping.pairs.isEmpty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE
      try emit { yaml_mapping_start_event_initialize(&$0, nil, nil, 1, style) }
      for pair in mapping.pairs {
        try put(pair.key)
        try put(pair.value)
      }
      try emit { yaml_mapping_end_event_initialize(&$0) }
    }
  }

  private borrowing func put(_ scalar: YAMLText) throws(YAMLError) {
    let style = JSONToYAML.needsQuotes(scalar) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE
    var text = scalar.text
    try emit { event in
      text.withUTF8 { yaml_scalar_event_initialize(&event, nil, nil, $0.baseAddress, Int32($0.count), 1, 1, style) }
    }
  }

  /// Creates an event and passes it to libyaml, which frees it.
  private borrowing func emit(_ make: (inout yaml_event_t) -> Int32) throws(YAMLError) {
    var event = yaml_event_t()
    guard make(&event) == 1 else { throw YAMLError(line: nil, problem: "there is no memory for a YAML event") }
    guard yaml_emitter_emit(emitter, &event) == 1 else {
      let problem = emitter.pointee.problem.map { String(cString: $0) } ?? "out of memory while writing"
      throw YAMLError(line: nil, problem: problem)
    }
  }
}
