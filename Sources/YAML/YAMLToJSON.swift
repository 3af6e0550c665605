import ServiceModel

/// Writes a YAML node as JSON, so that both formats are decoded by the same strict decoder.
///
/// Aliases are written out in full. The size limit stops a small file with nested aliases from growing without end.
package struct YAMLToJSON {
  /// What happens with a mapping in which a key appears twice.
  package enum DuplicateKeys {
    case refused
    case lastWins
  }

  private static let sizeLimit = 16 << 20
  private let duplicateKeys: DuplicateKeys
  private var output: [UInt8] = []
  private var mergesLeft = YAMLMerge.pairLimit

  package static func convert(
    _ node: YAMLNode, duplicateKeys: DuplicateKeys = .refused
  ) throws(YAMLError) -> [UInt8] {
    var writer = YAMLToJSON(duplicateKeys: duplicateKeys)
    try writer.write(node)
    return writer.output
  }

  private init(duplicateKeys: DuplicateKeys) { self.duplicateKeys = duplicateKeys }

  private mutating func write(_ node: YAMLNode) throws(YAMLError) {
    guard output.count < YAMLToJSON.sizeLimit else {
      throw YAMLError(line: node.line, problem: "is larger than \(YAMLToJSON.sizeLimit >> 20) MiB")
    }
    switch node.content {
    case .scalar(let scalar): write(scalar)
    case .sequence(let sequence):
      output.append(UInt8(ascii: "["))
      for (index, element) in sequence.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        try write(element)
      }
      output.append(UInt8(ascii: "]"))
    case .mapping(let mapping): try write(mapping)
    }
  }

  private mutating func write(_ mapping: YAMLMapping) throws(YAMLError) {
    if duplicateKeys == .refused, let repeated = mapping.firstRepeatedKey { throw YAMLError(repeated) }
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    for pair in try YAMLMerge.expand(mapping, left: &mergesLeft) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      write(pair.key.text)
      output.append(UInt8(ascii: ":"))
      try write(pair.value)
    }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func write(_ scalar: YAMLText) {
    switch scalar.meaning {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string: write(scalar.text)
    }
  }

  private mutating func write(_ text: String) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        output.append(contentsOf: "\\u00\(hex.utf8.count == 1 ? "0" : "")\(hex)".utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

extension YAMLError {
  /// The error for a caller that does not accept a document in which a key appears twice.
  package init(_ repeated: RepeatedKey) {
    self.init(line: repeated.line, problem: "has a repeated key: \(repeated.key.quoted)")
  }
}
