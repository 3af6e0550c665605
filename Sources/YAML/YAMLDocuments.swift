/// The documents of a YAML text, one after the other.
package final class YAMLDocuments {
  private let parser: YAMLParser
  private var isFinished = false

  package init(_ text: String) { parser = YAMLParser(text) }

  /// The next document, or nil after the last.
  ///
  /// - Throws: for a document that cannot be read. After an error of syntax, and after a document that is nested too deep,
  ///   there is no next document; otherwise the next call goes on with the document after it.
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

  /// Reads one event into the document that is being put together. No error here is one to go on after.
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
