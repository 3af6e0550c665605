/// An object that was read well, but says something that cannot be: it is left out, and the others go on.
public struct ObjectError: Error, Hashable, Sendable {
  public var source: ObjectSource
  public var object: ObjectReference
  /// The path of the field, as `spec.ports[1].nodePort`.
  public var field: String
  /// What is wrong with it, with its value.
  public var problem: String

  public init(source: ObjectSource, object: ObjectReference, field: String, problem: String) {
    self.source = source
    self.object = object
    self.field = field
    self.problem = problem
  }
}

extension ObjectError: CustomStringConvertible {
  public var description: String { "\(source): \(object): \(field): \(problem)" }
}

/// Bytes that are no JSON or YAML, or an object with a field of another type than the API's.
public struct DecodingFailure: Error, Hashable, Sendable {
  public var source: ObjectSource
  /// Known if the object's metadata could be read.
  public var object: ObjectReference?
  /// The path of the field of a wrong type; nil for a syntax error.
  public var field: String?
  public var problem: String

  public init(source: ObjectSource, object: ObjectReference? = nil, field: String? = nil, problem: String) {
    self.source = source
    self.object = object
    self.field = field
    self.problem = problem
  }
}

extension DecodingFailure: CustomStringConvertible {
  public var description: String {
    let parts: [String?] = [source.description, object?.description, field, problem]
    return parts.compactMap { $0 }.joined(separator: ": ")
  }
}

/// Why one object could not be taken.
public enum ObjectFailure: Error, Hashable, Sendable {
  case invalid(ObjectError)
  case undecodable(DecodingFailure)

  public var object: ObjectReference? {
    switch self {
    case .invalid(let error): error.object
    case .undecodable(let failure): failure.object
    }
  }
}

extension ObjectFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalid(let error): error.description
    case .undecodable(let failure): failure.description
    }
  }
}

/// Something in an object that is left out or looks like a mistake, while the object itself is used.
public struct ObjectWarning: Hashable, Sendable {
  public var source: ObjectSource
  public var object: ObjectReference
  public var field: String
  public var message: String

  public init(source: ObjectSource, object: ObjectReference, field: String, message: String) {
    self.source = source
    self.object = object
    self.field = field
    self.message = message
  }
}

extension ObjectWarning: CustomStringConvertible {
  public var description: String {
    "\(source): \(object): \(field.isEmpty ? "" : "\(field): ")\(message)"
  }
}
