import Testing

@testable import KubernetesAPI

/// The wire format itself, right and wrong.
@Suite(.timeLimit(.minutes(5))) struct ProtobufFieldsTests {
  /// Field 1 is text, 2 a number, 3 a flag, 4 a message of the same fields but for 4, 5 a list of these.
  struct Sample: ProtobufMessage, Equatable {
    struct Inner: ProtobufMessage, Equatable {
      var text: String?
      var number: Int?

      mutating func take(_ field: ProtobufField) throws(ProtobufError) {
        switch field.number {
        case 1: text = try field.string("text")
        case 2: number = try field.int32("number")
        default: break
        }
      }
    }

    var text: String?
    var number: Int?
    var flag: Bool?
    var inner: Inner?
    var list: [Inner]?

    mutating func take(_ field: ProtobufField) throws(ProtobufError) {
      switch field.number {
      case 1: text = try field.string("text")
      case 2: number = try field.int32("number")
      case 3: flag = try field.bool("flag")
      case 4: try field.merge(into: &inner, "inner")
      case 5: try field.append(to: &list, "list")
      default: break
      }
    }
  }

  private func read(_ bytes: [UInt8]) throws(ProtobufError) -> Sample {
    try bytes.withRawBytes { (bytes) throws(ProtobufError) in try Sample(protobuf: bytes) }
  }

  @Test func `fields are read`() throws {
    #expect(try read([]) == Sample())
    #expect(try read([0x0a, 2, 0x68, 0x69, 0x10, 0xac, 0x02, 0x18, 1]) == Sample(text: "hi", number: 300, flag: true))
    let negative: [UInt8] = [0x10, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    #expect(try read(negative).number == -2)
    #expect(try read([0x10, 1, 0x10, 2]).number == 2, "the last one counts")
    #expect(try read([0x2a, 2, 0x10, 1, 0x2a, 0]).list == [.init(number: 1), .init()])
  }

  @Test func `a message that comes in parts is put together`() throws {
    #expect(try read([0x22, 2, 0x10, 1, 0x22, 3, 0x0a, 1, 0x78]).inner == .init(text: "x", number: 1))
  }

  @Test func `fields that nobody reads are skipped`() throws {
    let unknown: [UInt8] = [0x78, 1, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a, 1, 0xff, 0x7d, 1, 2, 3, 4, 0x82, 0x01, 0]
    #expect(try read(unknown + [0x10, 7]).number == 7)
  }

  @Test(
    arguments: [
      ([0x08], "", "the message ends in the middle of a field", "cut after a tag"),
      ([0x10, 0x80], "", "the message ends in the middle of a field", "cut in a varint"),
      ([0x0a, 5, 0x68], "", "field 1 claims 5 bytes, and 1 are left", "a length that lies"),
      ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "", "claims to be", "a huge length"),
      (
        [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], "", "does not fit into 64 bits",
        "more than 64 bits"
      ),
      (
        [0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "", "does not fit into 64 bits",
        "an overlong varint"
      ),
      ([0x00, 1], "", "0 is not a valid field number", "field 0"),
      ([0x0b, 0x0c], "", "wire type 3", "a group"),
      ([0x0e], "", "wire type 6", "a type that does not exist"),
      ([0x08, 1], "text", "is a varint and must be bytes", "a number for a text"),
      ([0x12, 1, 0x31], "number", "is bytes and must be a varint", "a text for a number"),
      ([0x15, 1, 0, 0, 0], "number", "is a fixed32 and must be a varint", "another type of number"),
      ([0x10, 0x80, 0x80, 0x80, 0x80, 0x10], "number", "4294967296 does not fit into 32 bits", "too large"),
      ([0x0a, 2, 0xc3, 0x28], "text", "is not valid UTF-8", "no text"),
      ([0x22, 2, 0x08, 1], "inner.text", "is a varint", "inside of a message"),
      ([0x2a, 0, 0x2a, 2, 0x12, 0], "list[1].number", "is bytes", "inside of a list"),
      ([0x2a, 0, 0x28, 1], "list[1]", "is a varint", "an element of a list"),
      ([0x22, 2, 0x0a, 5], "inner", "claims 5 bytes, and 0 are left", "longer than the message around it"),
    ] as [([UInt8], String, String, String)])
  func `the error names the problem`(_ bytes: [UInt8], _ field: String, _ problem: String, _ reason: String) throws {
    let error = #expect(throws: ProtobufError.self, "\(reason)") { try read(bytes) }
    #expect(error?.field == field, "\(reason)")
    #expect(error?.problem.contains(problem) == true, "\(reason): \(error?.problem ?? "")")
  }

  @Test func `a list may have at most 100,000 entries`() {
    let many = Array(repeatElement([0x2a, 0] as [UInt8], count: ProtobufField.listLimit + 1).joined())
    let error = #expect(throws: ProtobufError.self) { try read(many) }
    #expect(error?.field == "list")
    #expect(error?.problem == "has more than 100000 entries")
  }
}
