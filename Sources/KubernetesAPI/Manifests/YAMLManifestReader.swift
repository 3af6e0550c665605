import YAML

/// Decodes the documents and lists of a YAML file.
struct YAMLManifestReader {
  let name: String

  func read(_ text: String, into contents: inout ManifestContents, decoder: inout ObjectDecoder) {
    let documents = YAMLDocuments(text)
    var source = ObjectSource(name: name)
    for number in 1... {
      source.document = number
      source.line = nil
      do throws(YAMLError) {
        guard let document = try documents.next() else { return }
        // The document contains only comments.
        if document.isEmpty { continue }
        source.line = document.root.line
        read(document.root, source: source, into: &contents, decoder: &decoder)
      } catch {
        let failure = error.failure(in: source)
        if documents.isFinished { contents.breakOff(failure) } else { contents.fail(failure) }
      }
    }
  }

  private func read(
    _ root: YAMLNode, source: ObjectSource, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    let kind = root.mapping?["kind"]?.scalar?.text ?? ""
    guard kind.hasSuffix("List"), let items = root.mapping?["items"]?.sequence else {
      decode(root, list: nil, source: source, into: &contents, decoder: &decoder)
      return
    }
    if let repeated = root.mapping?.firstRepeatedKey {
      contents.fail(YAMLError(repeated).failure(in: source))
      return
    }
    let list = ListKind(name: kind)
    for (index, item) in items.enumerated() {
      var source = source
      source.item = index + 1
      source.line = item.line
      decode(item, list: list, source: source, into: &contents, decoder: &decoder)
    }
  }

  private func decode(
    _ node: YAMLNode, list: ListKind?, source: ObjectSource, into contents: inout ManifestContents,
    decoder: inout ObjectDecoder
  ) {
    do throws(YAMLError) {
      let json = try YAMLToJSON.convert(node)
      let lines = YAMLLines(document: YAMLDocument(root: node))
      let isKindless = contents.decode(
        json, impliedKind: list?.items, source: source, lines: lines, decoder: &decoder)
      if isKindless && list?.isTyped != true { contents.failKindless(source) }
    } catch {
      contents.fail(error.failure(in: source))
    }
  }
}

extension YAMLError {
  func failure(in source: ObjectSource) -> ObjectFailure {
    var source = source
    source.line = line ?? source.line
    return .undecodable(DecodingFailure(source: source, problem: problem))
  }
}
