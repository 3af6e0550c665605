/// What is wrong with bytes that should be a protobuf message, and in which field of it.
struct ProtobufError: Error, Equatable {
  /// From the outermost field to the innermost, as `spec.ports[1].nodePort`; empty for the message itself.
  var field = ""
  var problem: String

  /// The same error as the message around it sees it.
  func within(_ outer: String) -> ProtobufError {
    ProtobufError(field: field.isEmpty ? outer : "\(outer).\(field)", problem: problem)
  }

  func failure(_ source: ObjectSource, _ object: ObjectReference? = nil) -> DecodingFailure {
    DecodingFailure(source: source, object: object, field: field.isEmpty ? nil : field, problem: problem)
  }
}
