import YAML

/// Lines in a file of JSON, of an object that begins at `firstLine`.
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

/// Lines in a document of YAML.
struct YAMLLines: LineFinder {
  let document: YAMLDocument

  func line(of field: String) -> Int? { document.line(of: field) }

  /// The YAML has been read well, and what is made of it is JSON.
  func syntaxError() -> LocatedProblem? { nil }
}
