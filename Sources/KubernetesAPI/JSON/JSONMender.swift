import FoundationEssentials
import YAML

/// A value that had a wrong type and was removed from its object.
package struct MistypedValue: Hashable {
  /// The path of the field, such as `spec.ports[1].port`.
  package var field: String
  /// For example `is not a number`.
  package var problem: String
}

/// Removes values of a wrong type from JSON, so that the rest of an object can still be decoded.
///
/// A string is replaced by text that is not valid in any field. It must not count as absent, because absent can mean a
/// default. Other values are replaced by null, or by an empty object in a list.
package struct JSONMender {
  /// Required fields: if one of them has a wrong type, the whole object is not valid.
  package static let needed: Set<String> = [
    "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.resourceVersion",
    "metadata.labels", "metadata.labels[kubernetes.io/service-name]", "metadata.labels[service.kubernetes.io/headless]",
    "metadata.labels[service.kubernetes.io/service-proxy-name]", "spec", "spec.clusterIP", "spec.clusterIPs",
    "spec.ports", "addressType", "endpoints", "ports",
  ]
  static let impossibleText = "?"

  /// The maximum number of values to remove. Each one costs another decoding of the object.
  private static let limit = 100
  private let needed: Set<String>
  /// The number of coding keys in front of the object's own: none for a file, one (`object`) in a watch event.
  private let depth: Int
  package private(set) var values: [MistypedValue] = []

  package init(needed: Set<String> = JSONMender.needed, depth: Int = 0) {
    self.needed = needed
    self.depth = depth
  }

  /// The JSON without the value that caused the error; nil if the value is required.
  mutating func mend(_ json: [UInt8], after error: any Error) -> [UInt8]? {
    guard values.count < JSONMender.limit, let error = error as? DecodingError else { return nil }
    let diagnosis = JSONDiagnosis(source: ObjectSource(name: ""), depth: depth).failure(error)
    guard let field = diagnosis.field, !needed.contains(field), !values.contains(where: { $0.field == field }),
      let replacement = JSONMender.replacement(for: error, field: field),
      let mended = JSONLocator(json).replacing(FieldPath.steps(error.context.codingPath), by: Array(replacement.utf8))
    else { return nil }
    values.append(MistypedValue(field: field, problem: diagnosis.problem))
    return mended
  }

  private static func replacement(for error: DecodingError, field: String) -> String? {
    let type: Any.Type
    switch error {
    case .typeMismatch(let wanted, _), .valueNotFound(let wanted, _): type = wanted
    case .dataCorrupted: return error.context.codingPath.last?.intValue == nil ? "null" : nil
    default: return nil
    }
    // If the list of source ranges has a wrong type, it must not count as empty, because an empty list opens the load
    // balancer to everybody.
    if field == "spec.loadBalancerSourceRanges" { return "[\"\(impossibleText)\"]" }
    // A deletion time of a wrong type counts as absent.
    if type is String.Type { return field == "metadata.deletionTimestamp" ? "null" : "\"\(impossibleText)\"" }
    guard error.context.codingPath.last?.intValue != nil else { return "null" }
    return JSONDiagnosis.isObject(type) ? "{}" : nil
  }
}

extension DecodingError {
  fileprivate var context: Context {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context
    @unknown default: Context(codingPath: [], debugDescription: "")
    }
  }
}

extension JSONDecoder {
  /// Decodes a value. Parts of a wrong type are removed if they are not required.
  package func decode<Value: Decodable>(_ type: Value.Type, from json: Data, mender: inout JSONMender) throws -> Value {
    try mended(json, &mender) { try decode(type, from: $0) }
  }

  /// Decodes a watch event without the object's values of a wrong type; nil if one of them is required.
  func mended(_ json: Data, _ mender: inout JSONMender) -> WireWatchEvent? {
    try? mended(json, &mender) { json in
      let event = try decode(WireWatchEvent.self, from: json)
      if case .undecodable(_, let failed) = event.content { throw failed.error }
      return event
    }
  }

  private func mended<Value>(
    _ json: Data, _ mender: inout JSONMender, decode: (Data) throws -> Value
  ) throws -> Value {
    var json = json
    while true {
      do {
        return try decode(json)
      } catch {
        if error.hasNoField, let replaced = LoneSurrogates.replaced(in: json) {
          json = replaced
          continue
        }
        let bytes = Array(json)
        let error = UnreadableNumber(bytes).located(error) { _ = try decode(Data($0)) }
        guard let mended = mender.mend(bytes, after: error) else { throw error }
        json = Data(mended)
      }
    }
  }
}
