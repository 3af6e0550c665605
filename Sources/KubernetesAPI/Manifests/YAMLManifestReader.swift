import Yams

/// Decodes the documents and lists of a YAML file.
struct YAMLManifestReader {
  let name: String

  func read(_ text: String, into contents: inout ManifestContents, decoder: inout ObjectDecoder) {
    var document = 0
    do throws(YAMLDocuments.SyntaxError) {
      let documents = try YAMLDocuments(text)
      while let root = try documents.next() {
        document += 1
        // Nothing but a comment between two separators.
        if let scalar = root.scalar, scalar.string.isEmpty { continue }
        let source = ObjectSource(name: name, document: document, line: root.mark?.line)
        read(root, source: source, into: &contents, decoder: &decoder)
      }
    } catch {
      let source = ObjectSource(name: name, document: document + 1, line: error.line)
      contents.fail(.undecodable(DecodingFailure(source: source, problem: error.problem)))
    }
  }

  private func read(
    _ root: Node, source: ObjectSource, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    let kind = root.mapping?["kind"]?.scalar?.string ?? ""
    guard kind.hasSuffix("List"), let items = root.mapping?["items"]?.sequence else {
      decode(root, list: nil, source: source, into: &contents, decoder: &decoder)
      return
    }
    let list = ListKind(name: kind)
    for (index, item) in items.enumerated() {
      var source = source
      source.item = index + 1
      source.line = item.mark?.line
      decode(item, list: list, source: source, into: &contents, decoder: &decoder)
    }
  }

  private func decode(
    _ node: Node, list: ListKind?, source: ObjectSource, into contents: inout ManifestContents,
    decoder: inout ObjectDecoder
  ) {
    do throws(YAMLToJSON.Refusal) {
      let json = try YAMLToJSON.convert(node)
      let isKindless = contents.decode(
        json, impliedKind: list?.items, source: source, lines: YAMLDocument(root: node), decoder: &decoder)
      if isKindless && list?.isTyped != true { contents.failKindless(source) }
    } catch {
      var source = source
      source.line = error.line ?? source.line
      contents.fail(.undecodable(DecodingFailure(source: source, problem: error.problem)))
    }
  }
}
