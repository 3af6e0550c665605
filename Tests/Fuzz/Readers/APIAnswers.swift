import KubernetesAPI

/// The API server's answers, in JSON and in protobuf.
extension FuzzReader {
  package static let jsonWatch = FuzzReader("json-watch", words: jsonWords) { (bytes) throws(Finding) in
    try watch(bytes, .json)
  }

  package static let protobufWatch = FuzzReader("protobuf-watch", words: protobufWords, bytes: varints) {
    (bytes) throws(Finding) in
    try watch(bytes, .protobuf)
  }

  package static let jsonList = FuzzReader("json-list", words: jsonWords) { (bytes) throws(Finding) in
    try list(bytes, .json)
  }

  package static let protobufList = FuzzReader("protobuf-list", words: protobufWords, bytes: varints) {
    (bytes) throws(Finding) in
    try list(bytes, .protobuf)
  }

  /// If both fail, they need not fail alike: a syntax error further on is found before an object in front of it is
  /// read.
  private static func watch(_ bytes: [UInt8], _ format: APIFormat) throws(Finding) {
    let whole = try WatchAnswer(CollectionOfOne(bytes[...]), format)
    try require(whole == WatchAnswer(Pieces(bytes), format), "a watch in pieces differs from the same watch in one")
  }

  private static func list(_ bytes: [UInt8], _ format: APIFormat) throws(Finding) {
    let kind = kind(bytes)
    let whole = try ListAnswer(CollectionOfOne(bytes[...]), format, of: kind)
    try require(
      whole == ListAnswer(Pieces(bytes), format, of: kind), "a list in pieces differs from the same list in one")
    // Any answer can be a failure.
    if let status = ObjectDecoder().status(bytes) { try checkMessage(status.description) }
  }

  /// The kind of list that was asked for: the first one that the bytes mention.
  private static func kind(_ bytes: [UInt8]) -> ResourceKind {
    for end in bytes.indices where bytes[end] == UInt8(ascii: "L") && bytes[end...].starts(with: "List".utf8) {
      let kind = ResourceKind.allCases.first { kind in
        bytes[..<end].suffix(kind.rawValue.utf8.count).elementsEqual(kind.rawValue.utf8)
      }
      if let kind { return kind }
    }
    return .service
  }

  private static let objectWords = [
    "Service", "EndpointSlice", "Node", "ServiceCIDR", "ServiceList", "EndpointSliceList", "NodeList", "Status", "v1",
    "discovery.k8s.io/v1", "networking.k8s.io/v1", "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "TCP", "UDP",
    "SCTP", "IPv4", "IPv6", "FQDN", "None", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Local", "Cluster",
    "ClientIP", "VIP", "Proxy", "kubernetes.io/service-name", "service.kubernetes.io/headless",
    "service.kubernetes.io/service-proxy-name", "topology.kubernetes.io/zone", "k8s.io/initial-events-end",
    "endpoints.kubernetes.io/last-change-trigger-time", "2026-11-21T00:45:31.25Z", "10.0.0.1", "fd00::1", "10.0.0.0/8",
    "127.0.0.1", "::ffff:1.2.3.4",
  ]

  private static let jsonWords =
    objectWords.map { "\"\($0)\"" }
    + [
      "type", "object", "items", "kind", "apiVersion", "metadata", "name", "namespace", "uid", "resourceVersion",
      "deletionTimestamp", "labels", "annotations", "spec", "status", "ports", "protocol", "port", "nodePort",
      "clusterIP", "clusterIPs", "ipFamilies", "externalIPs", "loadBalancerSourceRanges", "sessionAffinity",
      "sessionAffinityConfig", "clientIP", "timeoutSeconds", "internalTrafficPolicy", "externalTrafficPolicy",
      "healthCheckNodePort", "loadBalancer", "ingress", "ip", "ipMode", "addressType", "endpoints", "addresses",
      "conditions", "ready", "serving", "terminating", "nodeName", "zone", "hints", "forZones", "forNodes", "podCIDR",
      "podCIDRs", "cidrs", "taints", "key", "code", "reason", "message", "details", "retryAfterSeconds", "continue",
      "remainingItemCount",
    ].map { "\"\($0)\":" } + [
      "null", "true", "1e400", "-9223372036854775808", "18446744073709551616", "\\ud800", "1.5",
    ]

  private static let protobufWords =
    objectWords + ["k8s\0", "\u{a}\u{2}v1", "\u{12}\u{7}Service"]

  /// 2³², a length that no message has.
  private static let varints: [[UInt8]] = [[0x80, 0x80, 0x80, 0x80, 0x10]]
}

/// What a watch said; nil if it was not a stream of events.
private struct WatchAnswer: Equatable {
  private var events: [WatchEvent] = []
  private var isBetweenEvents = true

  init?(_ pieces: some Sequence<ArraySlice<UInt8>>, _ format: APIFormat) throws(Finding) {
    var reader = WatchEventReader(format: format, source: "/watch")
    var decoder = ObjectDecoder()
    var waiting: [UInt8] = []
    do throws(DecodingFailure) {
      for piece in pieces {
        waiting += piece
        try reader.consume(&waiting, decoder: &decoder) { events.append($0) }
      }
      isBetweenEvents = reader.isBetweenEvents && waiting.isEmpty
    } catch {
      try checkMessage(error.description)
      return nil
    }
    for event in events { try WatchAnswer.check(event) }
  }

  private static func check(_ event: WatchEvent) throws(Finding) {
    switch event {
    case .change(_, let object): try object.check()
    case .rejected(_, let failure, _): try checkMessage(failure.description)
    case .error(let status): try checkMessage(status.description)
    case .bookmark: break
    }
  }
}

/// What a list said; nil if it was not a list.
private struct ListAnswer: Equatable {
  private var items: [Result<DecodedObject, ObjectFailure>] = []
  private var metadata = APIListMetadata(resourceVersion: "")

  init?(_ pieces: some Sequence<ArraySlice<UInt8>>, _ format: APIFormat, of kind: ResourceKind) throws(Finding) {
    var reader = APIListReader(of: kind, format: format, source: "/list")
    var decoder = ObjectDecoder()
    var waiting: [UInt8] = []
    do throws(DecodingFailure) {
      for piece in pieces {
        waiting += piece
        try reader.consume(&waiting, decoder: &decoder) { items.append($0) }
      }
      metadata = try reader.finish(decoder: decoder)
    } catch {
      try checkMessage(error.description)
      return nil
    }
    for item in items {
      switch item {
      case .success(let object): try object.check()
      case .failure(let failure): try checkMessage(failure.description)
      }
    }
  }
}

extension DecodedObject {
  fileprivate func check() throws(Finding) {
    try RuleInput.check(content)
    for warning in warnings { try checkMessage(warning.description) }
  }
}
