/// How the API writes the fields of a message, by their names in JSON. The encoder leaves out fields that are not
/// listed, as the API server drops fields that it does not know.
struct ProtobufSchema: Sendable {
  indirect enum Kind: Sendable {
    case text, number, flag, map, time, intOrString
    /// JSON in a message of its own.
    case fields
    case message(ProtobufSchema)
  }

  struct Field: Sendable {
    var number: Int
    var kind: Kind
    /// Go writes the field even if it is empty, because it is not a pointer.
    var isAlwaysWritten = false
  }

  let fields: [String: Field]

  init(_ fields: KeyValuePairs<String, Field>) {
    self.fields = Dictionary(fields.map { ($0.key, $0.value) }) { first, _ in first }
  }

  func with(_ others: KeyValuePairs<String, Field>) -> ProtobufSchema {
    ProtobufSchema(fields.merging(ProtobufSchema(others).fields) { $1 })
  }

  private init(_ fields: [String: Field]) { self.fields = fields }
}

extension ProtobufSchema.Field {
  static func text(_ number: Int) -> Self { Self(number: number, kind: .text) }
  static func value(_ number: Int) -> Self { Self(number: number, kind: .text, isAlwaysWritten: true) }
  static func number(_ number: Int) -> Self { Self(number: number, kind: .number) }
  static func count(_ number: Int) -> Self { Self(number: number, kind: .number, isAlwaysWritten: true) }
  static func flag(_ number: Int) -> Self { Self(number: number, kind: .flag) }
  static func message(_ number: Int, _ schema: ProtobufSchema) -> Self { Self(number: number, kind: .message(schema)) }
  static func map(_ number: Int) -> Self { Self(number: number, kind: .map) }
}
