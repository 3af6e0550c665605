/// The headers of a message, in their order.
package struct HTTPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// The name of a header. Names that differ only in case are equal (RFC 9110 section 5.1).
  package struct Name: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As it stands in a message.
    package let description: String
    private let folded: String

    package init(_ text: String) {
      description = text
      folded = text.lowercased()
    }

    package init(stringLiteral text: String) { self.init(text) }

    package static func == (left: Name, right: Name) -> Bool { left.folded == right.folded }
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }
  }

  package struct Field: Hashable, Sendable {
    package let name: Name
    package var value: String
  }

  /// How many headers of a remote message are read. Each is compared with all others.
  package static let limit = 100

  package private(set) var fields: [Field] = []

  package init(dictionaryLiteral fields: (Name, String)...) {
    for (name, value) in fields { self[name] = value }
  }

  package subscript(_ name: Name) -> String? {
    get { fields.first { $0.name == name }?.value }
    set {
      if let index = fields.firstIndex(where: { $0.name == name }) {
        if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
      } else if let newValue {
        fields.append(Field(name: name, value: newValue))
      }
    }
  }

  /// Adds a header. The values of a repeated name are joined (RFC 9110 section 5.3).
  package mutating func add(_ name: Name, _ value: String) {
    self[name] = self[name].map { "\($0), \(value)" } ?? value
  }

  /// Sets all headers of `other`. They replace those of the same names.
  package mutating func merge(_ other: HTTPHeaders) {
    for field in other.fields { self[field.name] = field.value }
  }

  /// The lines of a message's head, without their ends.
  package var lines: [String] { fields.map { "\($0.name): \($0.value)" } }
}

/// Headers that a client and a server have in common.
extension HTTPHeaders.Name {
  package static let accept: Self = "Accept"
  package static let contentType: Self = "Content-Type"
  package static let host: Self = "Host"
  /// In seconds. The API server never sends a date.
  package static let retryAfter: Self = "Retry-After"
}
