/// Reads a watch in protobuf. A frame is a length of four bytes (big endian) followed by a `WatchEvent`.
struct ProtobufWatchReader {
  private let source: ObjectSource
  /// Whether the bytes received so far end with a complete frame.
  private(set) var isBetweenEvents = true

  init(source: String) { self.source = ObjectSource(name: source) }

  /// Removes complete frames from the front of `bytes` and passes their events to `take`. Frames are decoded without
  /// copying.
  mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (WatchEvent) -> Void
  ) throws(DecodingFailure) {
    let used = try bytes.withRawBytes { (bytes) throws(DecodingFailure) in
      var offset = 0
      while let frame = try frame(bytes, at: offset) {
        take(try decoder.event(protobuf: frame, source: source))
        offset += 4 + frame.count
      }
      return offset
    }
    bytes.removeFirst(used)
    isBetweenEvents = bytes.isEmpty
  }

  /// The frame at an offset, without its length; nil if it has not arrived completely.
  private func frame(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(DecodingFailure) -> UnsafeRawBufferPointer? {
    guard bytes.count >= offset + 4 else { return nil }
    let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    guard length <= WatchEventReader.objectLimit else {
      throw DecodingFailure(
        source: source,
        problem: "a frame claims \(length) bytes; at most \(WatchEventReader.objectLimit) are read")
    }
    let start = offset + 4
    guard bytes.count - start >= length else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])
  }
}
