import Yams

/// Writes a YAML node as JSON, so that both formats are decoded by the same strict decoder.
///
/// Aliases are written out where they stand; the limits keep a small file of aliases to aliases from growing without end.
struct YAMLToJSON {
  struct Refusal: Error, Equatable {
    var line: Int?
    var problem: String
  }

  private static let depthLimit = 128
  private static let sizeLimit = 16 << 20
  private var output: [UInt8] = []
  private var mergesLeft = YAMLMerge.pairLimit

  static func convert(_ node: Node) throws(Refusal) -> [UInt8] {
    var writer = YAMLToJSON()
    try writer.write(node, depth: 0)
    return writer.output
  }

  private mutating func write(_ node: Node, depth: Int) throws(Refusal) {
    guard depth < YAMLToJSON.depthLimit else {
      throw Refusal(line: node.mark?.line, problem: "is nested more than \(YAMLToJSON.depthLimit) levels deep")
    }
    guard output.count < YAMLToJSON.sizeLimit else {
      throw Refusal(line: node.mark?.line, problem: "is larger than \(YAMLToJSON.sizeLimit >> 20) MiB")
    }
    switch node {
    case .scalar(let scalar): write(scalar)
    case .sequence(let sequence):
      output.append(UInt8(ascii: "["))
      for (index, element) in sequence.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        try write(element, depth: depth + 1)
      }
      output.append(UInt8(ascii: "]"))
    case .mapping(let mapping): try write(mapping, depth: depth)
    case .alias:
      throw Refusal(line: node.mark?.line, problem: "has an alias that nothing is anchored for")
    }
  }

  private mutating func write(_ mapping: Node.Mapping, depth: Int) throws(Refusal) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    for pair in try YAMLMerge.expand(mapping, left: &mergesLeft) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      write(pair.key)
      output.append(UInt8(ascii: ":"))
      try write(pair.value, depth: depth + 1)
    }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func write(_ scalar: Node.Scalar) {
    guard scalar.style == .plain || scalar.style == .any else { return write(scalar.string) }
    switch YAMLScalar(plain: scalar.string) {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string: write(scalar.string)
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
