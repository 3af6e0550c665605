import ServiceModel

/// Reads values from a buffer that is filled from a file. The file is untrusted: each count is compared with the number
/// of remaining bytes, and each index with its bounds.
struct StateInput: ~Copyable {
  /// Returns at most this many further bytes, and no bytes at the end of the file.
  typealias Source = (Int) throws(StateFileError) -> [UInt8]

  private var buffer: ArraySlice<UInt8> = []
  private var names: [String] = []
  /// How many bytes were read.
  private(set) var offset = 0
  private let size: Int
  private let source: Source

  /// - Parameter size: the size of the content in bytes, without the checksum.
  init(size: Int, _ source: @escaping Source) {
    self.size = size
    self.source = source
  }

  var remaining: Int { size - offset }

  func malformed(_ problem: String) -> StateFileError { .malformed(problem, offset: offset) }

  mutating func byte() throws(StateFileError) -> UInt8 {
    guard remaining > 0 else { throw malformed("the content ends too early") }
    if buffer.isEmpty { buffer = try source(min(remaining, StateFormat.bufferSize))[...] }
    guard let value = buffer.popFirst() else { throw .damaged }
    offset += 1
    return value
  }

  mutating func bytes(_ count: Int) throws(StateFileError) -> [UInt8] {
    guard count <= remaining else { throw malformed("the content ends too early") }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try byte()) }
    return result
  }

  mutating func fixed<Number: FixedWidthInteger>(_ type: Number.Type) throws(StateFileError) -> Number {
    var result: Number = 0
    for _ in 0..<Number.bitWidth / 8 { result = result << 8 | Number(truncatingIfNeeded: try byte()) }
    return result
  }

  /// At most 35 bits.
  mutating func varint() throws(StateFileError) -> Int {
    var result = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = try byte()
      result |= Int(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return result }
    }
    throw malformed("a number is too large")
  }

  mutating func flag() throws(StateFileError) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw malformed("a value is neither 0 nor 1")
    }
  }

  mutating func string() throws(StateFileError) -> String {
    let bytes = try bytes(try varint())
    guard let text = String(validating: bytes, as: UTF8.self) else { throw malformed("a string is not valid UTF-8") }
    return text
  }

  mutating func name() throws(StateFileError) -> String {
    let number = try varint()
    if number > 0 {
      guard number <= names.count else { throw malformed("there is no name \(number)") }
      return names[number - 1]
    }
    let text = try string()
    names.append(text)
    return text
  }

  /// - Parameter least: the minimum size of an element in bytes.
  mutating func list<Element>(
    least: Int, _ read: (inout StateInput) throws(StateFileError) -> Element
  ) throws(StateFileError) -> [Element] {
    let count = try varint()
    guard count <= remaining / least else { throw malformed("a list is longer than the file") }
    var result: [Element] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try read(&self)) }
    return result
  }
}
