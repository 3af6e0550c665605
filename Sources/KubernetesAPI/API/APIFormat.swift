import ServiceModel

/// The formats of the API server's answers.
package enum APIFormat: Hashable, Sendable {
  case json
  case protobuf

  private static let protobufType = "application/vnd.kubernetes.protobuf"

  /// The format of an answer, taken from its Content-Type. Any other type is read as JSON, because simple proxies and
  /// test fixtures send JSON.
  package init(contentType: String?) {
    let type = contentType?.split(separator: ";").first?.trimmingBlanks.lowercased() ?? ""
    self = type == APIFormat.protobufType ? .protobuf : .json
  }

  /// The values of the Accept header. Protobuf comes first because it costs the API server and the client less.
  package static let acceptForLists = "\(protobufType),application/json"
  package static let acceptForWatches = "\(protobufType);stream=watch,application/json"
}
