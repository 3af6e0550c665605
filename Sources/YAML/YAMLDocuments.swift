/// The documents of a YAML text, one after the other.
package final class YAMLDocuments {
  private let parser: YAMLParser
  /// Whether there is no next document: after the last, and after a syntax error.
  package private(set) var isFinished = false

  package init(_ text: String) { parser = YAMLParser(text) }

  /// The next document, or nil after the last.
  ///
  /// - Throws: if the document cannot be read. After a syntax error, and after a document that is nested too deep,
  ///   there is no next document. After any other error, the next call returns the document that follows.
  package func next() throws(YAMLError) -> YAMLDocument? {
    var composer = YAMLComposer()
    while !isFinished {
      switch try advance(&composer) {
      case .streamEnd: isFinished = true
      case .documentEnd: return try composer.finish()
      default: break
      }
    }
    return nil
  }

  /// Reads one event into the document that is being built. Reading stops after any error that is thrown here.
  private func advance(_ composer: inout YAMLComposer) throws(YAMLError) -> YAMLEvent.Kind {
    do throws(YAMLError) {
      let event = try parser.next()
      try composer.take(event)
      return event.kind
    } catch {
      isFinished = true
      throw error
    }
  }
}
