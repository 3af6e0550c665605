/// Paths of fields as they appear in messages.
package enum FieldPath {
  package enum Step: Equatable {
    case key(String)
    case index(Int)
  }

  /// Splits `a.b[1].c` into steps. Text in brackets that is not a number is a key (`metadata.labels[a.b/c]`).
  package static func steps(_ path: String) -> [Step] {
    var result: [Step] = []
    var rest = path[...]
    while let first = rest.first {
      if first == "[" {
        let inside = rest.dropFirst().prefix { $0 != "]" }
        result.append(Int(inside).map(Step.index) ?? .key(String(inside)))
        rest = rest.dropFirst(inside.count + 2)
      } else if first == "." {
        rest = rest.dropFirst()
      } else {
        let key = rest.prefix { $0 != "." && $0 != "[" }
        result.append(.key(String(key)))
        rest = rest.dropFirst(key.count)
      }
    }
    return result
  }
}
