import Yams

/// The documents of a YAML text, one after the other.
struct YAMLDocuments {
  struct SyntaxError: Error, Equatable {
    var line: Int?
    var problem: String
  }

  private let parser: Parser

  init(_ text: String) throws(SyntaxError) {
    if let line = YAMLKeyCheck.lineOfComplexKey(text) {
      throw SyntaxError(line: line, problem: "has a key that is not a string")
    }
    do {
      // What a plain scalar means is decided in YAMLScalar; the resolver's patterns would only cost time.
      // The parser is told the encoding, and takes a byte order mark for text then.
      let isMarked = text.unicodeScalars.first == "\u{feff}"
      let text = isMarked ? String(text.unicodeScalars.dropFirst()) : text
      parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
    } catch {
      throw SyntaxError(error)
    }
  }

  /// The root of the next document, or nil after the last. An empty document is a null scalar.
  func next() throws(SyntaxError) -> Node? {
    do {
      return try parser.nextRoot()
    } catch {
      throw SyntaxError(error)
    }
  }
}

extension YAMLDocuments.SyntaxError {
  fileprivate init(_ error: any Error) {
    guard let error = error as? YamlError else {
      self.init(line: nil, problem: "\(error)")
      return
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { " \($0.text.printable) of line \($0.mark.line)" } ?? ""
      self.init(line: mark.line, problem: "\(problem.printable)\(place)")
    case .reader(let problem, _, _, _):
      self.init(line: nil, problem: problem.printable)
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        line: context.mark.line, problem: "has a key twice: \(duplicates.map(\.quoted).joined(separator: ", "))")
    default:
      self.init(line: nil, problem: "is no YAML")
    }
  }
}
