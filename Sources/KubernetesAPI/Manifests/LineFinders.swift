import YAML

/// Finds lines in a JSON file, for an object that starts at `firstLine`.
struct JSONLines: LineFinder {
  let json: [UInt8]
  let firstLine: Int

  func line(of field: String) -> Int? { firstLine + JSONLocator(json).line(of: field) }

  func syntaxError() -> LocatedProblem? {
    let locator = JSONLocator(json)
    return locator.syntaxError().map { error in
      LocatedProblem(line: firstLine + locator.line(at: error.offset), problem: error.problem)
    }
  }
}

/// Finds lines in a YAML document.
struct YAMLLines: LineFinder {
  let document: YAMLDocument

  func line(of field: String) -> Int? { document.line(of: field) }

  /// The YAML was read without an error, so the JSON made from it has no syntax error.
  func syntaxError() -> LocatedProblem? { nil }
}
