/// The formats that the API server answers in.
public enum APIFormat: Hashable, Sendable {
  case json
  case protobuf

  private static let protobufType = "application/vnd.kubernetes.protobuf"

  /// The format of an answer, by its Content-Type. JSON is what a proxy or a fixture speaks that does not know better.
  public init(contentType: String?) {
    let type = contentType?.split(separator: ";").first?.trimmed.lowercased() ?? ""
    self = type == APIFormat.protobufType ? .protobuf : .json
  }

  /// What a request accepts: protobuf first, as it costs the API server and the client less.
  public static let acceptForLists = "\(protobufType),application/json"
  public static let acceptForWatches = "\(protobufType);stream=watch,application/json"
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    return start[..<(start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)]
  }
}
