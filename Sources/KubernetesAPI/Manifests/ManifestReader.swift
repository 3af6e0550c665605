/// Reads one file as its bytes arrive. A file that starts with `{` is JSON and is decoded while it is read. YAML is
/// decoded after the whole file was read.
struct ManifestReader {
  private enum Format {
    case undecided
    case json(JSONManifestReader)
    case yaml([UInt8])
    /// A syntax error was found. The rest of the file cannot be used.
    case broken
  }

  /// The maximum size of a YAML file.
  private static let yamlLimit = 256 << 20
  private let name: String
  private var format = Format.undecided

  init(name: String) { self.name = name }

  /// Whether the rest of the file is ignored.
  var isBroken: Bool { if case .broken = format { true } else { false } }

  mutating func consume(
    _ bytes: UnsafeRawBufferPointer, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    switch format {
    case .undecided:
      guard let first = bytes.firstIndex(where: { !ManifestReader.isBlank($0) }) else { return }
      format = bytes[first] == UInt8(ascii: "{") ? .json(JSONManifestReader(name: name)) : .yaml([])
      // Blank lines before the first character are passed on, so that they are counted. A byte order mark is not part
      // of the text.
      let blank = bytes[..<first].filter { $0 < 0x80 }
      blank.withUnsafeBytes { consume($0, into: &contents, decoder: &decoder) }
      consume(UnsafeRawBufferPointer(rebasing: bytes[first...]), into: &contents, decoder: &decoder)
    case .json(var reader):
      format = .broken
      if reader.consume(bytes, into: &contents, decoder: &decoder) { format = .json(reader) }
    case .yaml(var text):
      format = .broken
      guard text.count + bytes.count <= ManifestReader.yamlLimit else {
        contents.fail(failure("is larger than \(ManifestReader.yamlLimit >> 20) MiB; use JSON"))
        return
      }
      text.append(contentsOf: bytes)
      format = .yaml(text)
    case .broken: return
    }
  }

  mutating func finish(into contents: inout ManifestContents, decoder: inout ObjectDecoder) {
    switch format {
    case .undecided, .broken: break
    case .json(let reader): reader.finish(into: &contents)
    case .yaml(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        contents.fail(failure("is not UTF-8"))
        return
      }
      YAMLManifestReader(name: name).read(text, into: &contents, decoder: &decoder)
    }
  }

  private func failure(_ problem: String) -> ObjectFailure {
    .undecodable(DecodingFailure(source: ObjectSource(name: name), problem: problem))
  }

  /// White space, and the bytes of a byte order mark.
  private static func isBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf: true
    default: false
    }
  }
}
