/// An error in a protobuf message, and the field that it is in.
struct ProtobufError: Error, Equatable {
  /// The path from the outermost to the innermost field, such as `spec.ports[1].nodePort`; empty for the message
  /// itself.
  var field = ""
  var problem: String

  /// The same error with the name of the enclosing field in front of its path.
  func within(_ outer: String) -> ProtobufError {
    ProtobufError(field: field.isEmpty ? outer : "\(outer).\(field)", problem: problem)
  }

  func failure(_ source: ObjectSource, _ object: ObjectReference? = nil) -> DecodingFailure {
    DecodingFailure(source: source, object: object, field: field.isEmpty ? nil : field, problem: problem)
  }
}
