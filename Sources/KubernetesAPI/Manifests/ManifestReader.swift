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
  /// White space in front of the first character. Its lines are counted, and in YAML it is the indentation.
  private var blank: [UInt8] = []

  init(name: String) { self.name = name }

  /// Whether the rest of the file is ignored.
  var isBroken: Bool { if case .broken = format { true } else { false } }

  mutating func consume(
    _ bytes: UnsafeRawBufferPointer, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    switch format {
    case .undecided:
      let first = bytes.firstIndex { !ManifestReader.isBlank($0) }
      // A byte order mark is not part of the text.
      blank += bytes[..<(first ?? bytes.endIndex)].filter { $0 < 0x80 }
      guard let first else { return checkSize(blank.count, &contents) }
      format = bytes[first] == UInt8(ascii: "{") ? .json(JSONManifestReader(name: name)) : .yaml([])
      let blank = self.blank
      self.blank = []
      blank.withUnsafeBytes { consume($0, into: &contents, decoder: &decoder) }
      consume(UnsafeRawBufferPointer(rebasing: bytes[first...]), into: &contents, decoder: &decoder)
    case .json(var reader):
      format = .broken
      if reader.consume(bytes, into: &contents, decoder: &decoder) { format = .json(reader) }
    case .yaml(var text):
      format = .broken
      text.append(contentsOf: bytes)
      format = .yaml(text)
      checkSize(text.count, &contents)
    case .broken: return
    }
  }

  mutating func finish(into contents: inout ManifestContents, decoder: inout ObjectDecoder) {
    switch format {
    case .undecided, .broken: break
    case .json(let reader): reader.finish(into: &contents)
    case .yaml(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        contents.breakOff(failure("is not UTF-8"))
        return
      }
      YAMLManifestReader(name: name).read(text, into: &contents, decoder: &decoder)
    }
  }

  private mutating func checkSize(_ count: Int, _ contents: inout ManifestContents) {
    guard count > ManifestReader.yamlLimit else { return }
    format = .broken
    contents.breakOff(failure("is larger than \(ManifestReader.yamlLimit >> 20) MiB; use JSON"))
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
