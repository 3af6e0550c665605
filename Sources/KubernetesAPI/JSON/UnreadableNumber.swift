import YAML

/// Names the number that an Int field cannot hold, such as `80.5`, `1e400` or 23 digits.
///
/// Foundation's decoder says about such a number that all of the text is not valid JSON, and it does not say which
/// field it read.
struct UnreadableNumber {
  private let json: [UInt8]

  init(_ json: [UInt8]) { self.json = json }

  /// An error with the field and the number in the place of an error without a field. All other errors are returned as
  /// they are.
  /// - Parameter decode: the decoding that failed.
  func located(_ error: any Error, decode: ([UInt8]) throws -> Void) -> any Error {
    guard error.hasNoField else { return error }
    do {
      try decode(quoted)
    } catch DecodingError.typeMismatch(let type, let context) where type is Int.Type {
      guard let text = JSONLocator(json).text(at: FieldPath.steps(context.codingPath)) else { return error }
      return DecodingError.dataCorrupted(.init(codingPath: context.codingPath, debugDescription: Self.problem(text)))
    } catch {
      // The cause is something else, such as a syntax error.
    }
    return error
  }

  /// The JSON with these numbers in quotes. The decoder reports a string in an Int field together with the field.
  private var quoted: [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < json.count {
      let start = index
      if json[index] == UInt8(ascii: "\"") {
        index = min(json.endOfJSONString(from: index + 1) + 1, json.count)
        result += json[start..<index]
      } else if json[index].isNumeric {
        while index < json.count, json[index].isNumeric { index += 1 }
        let text = json[start..<index]
        let isInteger = Int(String(decoding: text, as: UTF8.self)) != nil
        result += JSONNumber.isValid(text) && !isInteger ? [0x22] + text + [0x22] : text
      } else {
        result.append(json[index])
        index += 1
      }
    }
    return result
  }

  private static func problem(_ number: [UInt8]) -> String {
    let text = String(decoding: number.prefix(40), as: UTF8.self) + (number.count > 40 ? "…" : "")
    let value = Double(String(decoding: number, as: UTF8.self)) ?? .infinity
    return value == value.rounded() ? "\(text) is out of range" : "\(text) is not a whole number"
  }
}

extension UInt8 {
  /// Whether the byte can be a part of a number.
  fileprivate var isNumeric: Bool { (0x30...0x39).contains(self) || "+-.eE".utf8.contains(self) }
}

extension Error {
  /// Whether this is an error of Foundation's decoder about all of the text. Inside of `init(from:)` the error has a
  /// type that Foundation does not export.
  var hasNoField: Bool {
    guard let error = self as? DecodingError else { return true }
    if case .dataCorrupted(let context) = error { return context.codingPath.isEmpty }
    return false
  }
}

extension FieldPath {
  static func steps(_ keys: [any CodingKey]) -> [Step] {
    keys.map { key in key.intValue.map(Step.index) ?? .key(key.stringValue) }
  }
}
