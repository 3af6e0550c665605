import ServiceModel

/// An object that was decoded but has a value that is not valid. It is left out; all other objects are used.
package struct ObjectError: Error, Hashable, Sendable {
  package var source: ObjectSource
  package var object: ObjectReference
  /// The path of the field, such as `spec.ports[1].nodePort`.
  package var field: String
  /// What is wrong with the field, including its value.
  package var problem: String

  package init(source: ObjectSource, object: ObjectReference, field: String, problem: String) {
    self.source = source
    self.object = object
    self.field = field
    self.problem = problem
  }
}

extension ObjectError: CustomStringConvertible {
  package var description: String { "\(source): \(object): \(field.printable): \(problem)" }
}

/// Bytes that are not valid JSON or YAML, or an object with a field of a wrong type.
package struct DecodingFailure: Error, Hashable, Sendable {
  package var source: ObjectSource
  /// Set if the object's metadata could be read.
  package var object: ObjectReference?
  /// The path of the field with the wrong type; nil for a syntax error.
  package var field: String?
  package var problem: String

  package init(source: ObjectSource, object: ObjectReference? = nil, field: String? = nil, problem: String) {
    self.source = source
    self.object = object
    self.field = field
    self.problem = problem
  }
}

extension DecodingFailure: CustomStringConvertible {
  package var description: String {
    let parts: [String?] = [source.description, object?.description, field?.printable, problem]
    return parts.compactMap { $0 }.joined(separator: ": ")
  }
}

/// Why one object was not accepted.
package enum ObjectFailure: Error, Hashable, Sendable {
  case invalid(ObjectError)
  case undecodable(DecodingFailure)

  package var object: ObjectReference? {
    switch self {
    case .invalid(let error): error.object
    case .undecodable(let failure): failure.object
    }
  }
}

extension ObjectFailure {
  /// The field and the problem, if it is not known which object is not valid.
  var withoutName: (field: String, problem: String)? {
    guard object?.name.isEmpty ?? true else { return nil }
    return switch self {
    case .invalid(let error): (error.field, error.problem)
    case .undecodable(let failure): (failure.field ?? "", failure.problem)
    }
  }
}

extension ObjectFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalid(let error): error.description
    case .undecodable(let failure): failure.description
    }
  }
}

/// A part of an object that is ignored or looks like a mistake. The object itself is used.
package struct ObjectWarning: Hashable, Sendable {
  package var source: ObjectSource
  package var object: ObjectReference
  package var field: String
  package var message: String

  package init(source: ObjectSource, object: ObjectReference, field: String, message: String) {
    self.source = source
    self.object = object
    self.field = field
    self.message = message
  }
}

extension ObjectWarning: CustomStringConvertible {
  package var description: String {
    "\(source): \(object): \(field.isEmpty ? "" : "\(field.printable): ")\(message)"
  }
}
