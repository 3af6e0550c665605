import ServiceModel
import Time

extension GoDuration: Codable {
  /// meta/v1 Duration is a string.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      let text = number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
      throw DecodingError.dataCorruptedError(in: container, debugDescription: GoDuration.problem(text, quoted: text))
    }
    let text = try container.decode(String.self)
    guard let value = GoDuration(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: GoDuration.problem(text, quoted: text.quoted))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
