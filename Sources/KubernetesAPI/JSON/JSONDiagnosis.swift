/// Converts Foundation's decoding errors to the field names of the file.
package struct JSONDiagnosis {
  var source: ObjectSource
  var object: ObjectReference?
  /// The number of coding keys in front of the object's own: none for a file, one (`object`) in a watch event.
  var depth: Int

  package init(source: ObjectSource, object: ObjectReference? = nil, depth: Int = 0) {
    self.source = source
    self.object = object
    self.depth = depth
  }

  package func failure(_ error: any Error) -> DecodingFailure {
    var result = DecodingFailure(source: source, object: object, problem: "cannot be decoded: \(error)")
    guard let error = error as? DecodingError else { return result }
    switch error {
    case .typeMismatch(let type, let context):
      result.field = field(context.codingPath)
      result.problem = "is not \(JSONDiagnosis.article(type))"
    case .valueNotFound(let type, let context):
      result.field = field(context.codingPath)
      result.problem = "is null, and must be \(JSONDiagnosis.article(type))"
    case .keyNotFound(let key, let context):
      result.field = field(context.codingPath + [key])
      result.problem = "is missing"
    case .dataCorrupted(let context):
      result.field = field(context.codingPath)
      result.problem = context.debugDescription
    @unknown default:
      break
    }
    return result
  }

  private func field(_ keys: [any CodingKey]) -> String? {
    let path = JSONDiagnosis.path(Array(keys.dropFirst(depth)))
    return path.isEmpty ? nil : path
  }

  /// For example `spec.ports[1].nodePort`.
  static func path(_ keys: [any CodingKey]) -> String {
    var result = ""
    for key in keys {
      if let index = key.intValue {
        result += "[\(index)]"
      } else if key.stringValue.utf8.contains(UInt8(ascii: ".")) {
        // Keys of labels and annotations contain dots.
        result += "[\(key.stringValue)]"
      } else {
        result += (result.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return result
  }

  private static func article(_ type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is Int.Type, is Int64.Type, is Double.Type: "a number"
    case is any ListType.Type: "a list"
    default: "an object"
    }
  }

  /// Whether the decoder expected a JSON object.
  static func isObject(_ type: Any.Type) -> Bool { article(type) == "an object" }
}

/// Distinguishes arrays from objects in a message.
private protocol ListType {}
extension Array: ListType {}
