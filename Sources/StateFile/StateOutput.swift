import Hashing

/// Writes values to a file through a small buffer, and computes the checksum of all bytes.
struct StateOutput: ~Copyable {
  typealias Sink = (UnsafeRawBufferPointer) throws(StateFileError) -> Void

  private var buffer: [UInt8] = []
  private var hash = RunningSHA256()
  private var interned: [String: Int] = [:]
  private var flushed = 0
  private let sink: Sink

  init(_ sink: @escaping Sink) {
    self.sink = sink
    buffer.reserveCapacity(StateFormat.bufferSize)
  }

  mutating func byte(_ value: UInt8) throws(StateFileError) {
    if buffer.count == StateFormat.bufferSize { try flush() }
    buffer.append(value)
  }

  mutating func bytes(_ values: some Sequence<UInt8>) throws(StateFileError) {
    for value in values { try byte(value) }
  }

  /// All bytes of a number, the most significant first.
  mutating func fixed<Number: FixedWidthInteger>(_ number: Number) throws(StateFileError) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      try byte(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// - Parameter number: not negative.
  mutating func varint(_ number: Int) throws(StateFileError) {
    var rest = UInt(number)
    while rest > 0x7f {
      try byte(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    try byte(UInt8(rest))
  }

  mutating func string(_ text: some StringProtocol) throws(StateFileError) {
    try varint(text.utf8.count)
    try bytes(text.utf8)
  }

  mutating func name(_ text: String) throws(StateFileError) {
    if let number = interned[text] { return try varint(number) }
    try varint(0)
    try string(text)
    interned[text] = interned.count + 1
  }

  mutating func list<Element>(
    _ elements: some Collection<Element>, _ write: (inout StateOutput, Element) throws(StateFileError) -> Void
  ) throws(StateFileError) {
    try varint(elements.count)
    for element in elements { try write(&self, element) }
  }

  /// Writes the rest of the buffer and the checksum. Returns the size of the file in bytes.
  consuming func finish() throws(StateFileError) -> Int {
    try flush()
    let digest = hash.digest()
    let bytes = withUnsafeBytes(of: digest) { Array($0) }
    try StateOutput.send(bytes, to: sink)
    return flushed + bytes.count
  }

  private mutating func flush() throws(StateFileError) {
    buffer.withUnsafeBytes { hash.add($0) }
    flushed += buffer.count
    guard flushed + StateFormat.checksumSize <= StateFormat.byteLimit else { throw .tooLarge }
    try StateOutput.send(buffer, to: sink)
    buffer.removeAll(keepingCapacity: true)
  }

  private static func send(_ bytes: [UInt8], to sink: Sink) throws(StateFileError) {
    let result = bytes.withUnsafeBytes { pointer in
      Result { () throws(StateFileError) in try sink(pointer) }
    }
    try result.get()
  }
}
