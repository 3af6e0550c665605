import FoundationEssentials
import YAML

/// A value that was not of the API's type and was taken out of its object.
struct MistypedValue: Hashable {
  /// The path of the field, as `spec.ports[1].port`.
  var field: String
  /// As `is not a number`.
  var problem: String
}

/// Takes values of a wrong type out of JSON, so that the rest of an object can still be decoded.
///
/// A string is replaced by one that no field can have: it must not count as absent, as that can mean a default. All
/// others are replaced by what stands for nothing.
struct JSONMender {
  /// What an object is nothing without: if one of these is of a wrong type, the object as a whole cannot be read.
  static let needed: Set<String> = [
    "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.resourceVersion",
    "metadata.labels", "metadata.labels[kubernetes.io/service-name]", "metadata.labels[service.kubernetes.io/headless]",
    "metadata.labels[service.kubernetes.io/service-proxy-name]", "spec", "spec.clusterIP", "spec.clusterIPs",
    "spec.ports", "addressType", "endpoints", "ports",
  ]
  static let impossibleText = "?"

  /// Each value costs one more decoding of the object.
  private static let limit = 100
  private let needed: Set<String>
  /// How many coding keys lead to the object: none for a file, `object` in a watch event.
  private let depth: Int
  private(set) var values: [MistypedValue] = []

  init(needed: Set<String> = JSONMender.needed, depth: Int = 0) {
    self.needed = needed
    self.depth = depth
  }

  /// The JSON without the value that decoding failed for; nil if the object cannot do without it.
  mutating func mend(_ json: [UInt8], after error: any Error) -> [UInt8]? {
    guard values.count < JSONMender.limit, let error = error as? DecodingError else { return nil }
    let diagnosis = JSONDiagnosis(source: ObjectSource(name: ""), depth: depth).failure(error)
    guard let field = diagnosis.field, !needed.contains(field), !values.contains(where: { $0.field == field }),
      let replacement = JSONMender.replacement(for: error, field: field),
      let mended = JSONLocator(json).replacing(JSONMender.steps(error), by: Array(replacement.utf8))
    else { return nil }
    values.append(MistypedValue(field: field, problem: diagnosis.problem))
    return mended
  }

  private static func steps(_ error: DecodingError) -> [FieldPath.Step] {
    error.context.codingPath.map { key in key.intValue.map(FieldPath.Step.index) ?? .key(key.stringValue) }
  }

  private static func replacement(for error: DecodingError, field: String) -> String? {
    let type: Any.Type
    switch error {
    case .typeMismatch(let wanted, _), .valueNotFound(let wanted, _): type = wanted
    case .dataCorrupted: return error.context.codingPath.last?.intValue == nil ? "null" : nil
    default: return nil
    }
    // A list of ranges that cannot be read must not count as no ranges, which opens a load balancer to everybody.
    if field == "spec.loadBalancerSourceRanges" { return "[\"\(impossibleText)\"]" }
    // A deletion that cannot be read is none.
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
  /// Decodes a value, and without what is of a wrong type if it can do without that.
  func decode<Value: Decodable>(_ type: Value.Type, from json: Data, mender: inout JSONMender) throws -> Value {
    var json = json
    while true {
      do {
        return try decode(type, from: json)
      } catch {
        guard let mended = mender.mend(Array(json), after: error) else { throw error }
        json = Data(mended)
      }
    }
  }

  /// Decodes an event of a watch without what is of a wrong type in its object; nil if the object cannot do without.
  func mended(_ json: Data, after error: any Error, _ mender: inout JSONMender) throws -> WireWatchEvent? {
    var rest = Array(json)
    var error = error
    while let mended = mender.mend(rest, after: error) {
      rest = mended
      let event = try decode(WireWatchEvent.self, from: Data(rest))
      guard case .undecodable(_, let failed) = event.content else { return event }
      error = failed.error
    }
    return nil
  }
}
