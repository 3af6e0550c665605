/// A JSON value, written as a literal in the definition of an object.
package indirect enum JSON: Sendable, Equatable {
  case string(String)
  case number(Int)
  case bool(Bool)
  case array([JSON])
  /// The members keep their order.
  case object([Member])

  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: JSON
  }

  /// An object without the members that are nil.
  package static func fields(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    .object(members.compactMap { member in member.value.map { Member(key: member.key, value: $0) } })
  }

  package static func strings(_ values: some Sequence<some CustomStringConvertible>) -> JSON {
    .array(values.map { .string("\($0)") })
  }

  package var text: String {
    switch self {
    case .string(let value): JSON.quoted(value)
    case .number(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(JSON.quoted($0.key)):\($0.value.text)" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
}
