import Foundation

/// Writes objects that are given as JSON the way the API server writes them in protobuf. If a value has the wrong type
/// in JSON, it also has the wrong type on the wire.
package enum ProtobufEncoder {
  /// An object with its envelope, as the body of an answer.
  package static func envelope(json: Data) throws -> [UInt8] { envelope(try object(json)) }

  package static func envelope(_ object: [String: Any]) -> [UInt8] {
    let kind = object["kind"] as? String ?? ""
    var type = ProtobufWriter()
    type.text(1, object["apiVersion"] as? String ?? "")
    type.text(2, kind)
    return envelope(type: type.bytes, raw: message(object, .of(kind)))
  }

  /// - Parameter type: a TypeMeta's bytes.
  package static func envelope(type: [UInt8], raw: [UInt8]) -> [UInt8] {
    var unknown = ProtobufWriter()
    unknown.bytes(1, type)
    unknown.bytes(2, raw)
    unknown.text(3, "")
    unknown.text(4, "")
    return Array("k8s\0".utf8) + unknown.bytes
  }

  /// One event of a watch with its length in front.
  /// - Parameter object: an object with its envelope.
  package static func frame(_ type: String, object: [UInt8]) -> [UInt8] {
    var raw = ProtobufWriter()
    raw.bytes(1, object)
    var event = ProtobufWriter()
    event.text(1, type)
    event.bytes(2, raw.bytes)
    return frame(event.bytes)
  }

  package static func frame(_ event: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(event.count).bigEndian) { Array($0) } + event
  }

  /// The frame of a watch event that is given as a line of JSON.
  package static func frame(json: Data) throws -> [UInt8] {
    let event = try object(json)
    return frame(
      event["type"] as? String ?? "", object: envelope(event["object"] as? [String: Any] ?? [:]))
  }

  private static func object(_ json: Data) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: json) as? [String: Any] ?? [:]
  }

  private static func message(_ object: [String: Any], _ schema: ProtobufSchema) -> [UInt8] {
    var writer = ProtobufWriter()
    for (name, field) in schema.fields.sorted(by: { $0.value.number < $1.value.number }) {
      if let value = object[name], !(value is NSNull) {
        write(value, field, &writer)
      } else if field.isAlwaysWritten {
        if case .number = field.kind { writer.number(field.number, 0) } else { writer.text(field.number, "") }
      }
    }
    return writer.bytes
  }

  private static func write(_ value: Any, _ field: ProtobufSchema.Field, _ writer: inout ProtobufWriter) {
    if let list = value as? [Any] {
      for element in list { write(element, field, &writer) }
      return
    }
    switch field.kind {
    case .message(let schema):
      guard let object = value as? [String: Any] else { return writeScalar(value, field.number, &writer) }
      writer.bytes(field.number, message(object, schema))
    case .map:
      guard let map = value as? [String: Any] else { return writeScalar(value, field.number, &writer) }
      for (key, value) in map.sorted(by: { $0.key < $1.key }) {
        var entry = ProtobufWriter()
        entry.text(1, key)
        writeScalar(value, 2, &entry)
        writer.bytes(field.number, entry.bytes)
      }
    case .time:
      var time = ProtobufWriter()
      time.number(1, 1_780_000_000)
      time.number(2, 0)
      writer.bytes(field.number, time.bytes)
    case .fields:
      var fields = ProtobufWriter()
      fields.bytes(1, (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])) ?? Data())
      writer.bytes(field.number, fields.bytes)
    case .intOrString:
      var either = ProtobufWriter()
      either.number(1, value is String ? 1 : 0)
      writeScalar(value, value is String ? 3 : 2, &either)
      writer.bytes(field.number, either.bytes)
    case .text, .number, .flag: writeScalar(value, field.number, &writer)
    }
  }

  private static func writeScalar(_ value: Any, _ number: Int, _ writer: inout ProtobufWriter) {
    switch value {
    case let text as String: writer.text(number, text)
    case let value as NSNumber: writer.number(number, value.int64Value)
    default: writer.bytes(number, [])
    }
  }
}
