// Field numbers: k8s.io/apimachinery pkg/apis/meta/v1/generated.proto.

extension WireMetadata: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: name = try field.string("name")
    case 3: namespace = try field.string("namespace")
    case 5: uid = try field.string("uid")
    case 6: resourceVersion = try field.string("resourceVersion")
    case 9:
      // Only the presence of the time is used.
      _ = try field.bytes("deletionTimestamp")
      deletionTimestamp = ""
    case 11:
      let entry = try MapEntry(field, "labels")
      var labels = self.labels ?? Labels()
      try labels.take(entry)
      self.labels = labels
    case 12:
      let entry = try MapEntry(field, "annotations")
      var annotations = self.annotations ?? Annotations()
      try annotations.take(entry)
      self.annotations = annotations
    default: break
    }
  }
}

/// An entry of a map. Protobuf sends a map as a list of entries. Only the text of entries that are used is copied.
struct MapEntry: ProtobufMessage {
  private(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
  private var value: ProtobufField?
  private var name = ""

  init() {}

  init(_ field: ProtobufField, _ name: String) throws(ProtobufError) {
    try field.merge(into: &self, name)
    self.name = name
  }

  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: key = try field.bytes("key")
    case 2: value = field
    default: break
    }
  }

  /// The value; empty if the entry has none.
  func text() throws(ProtobufError) -> String {
    do throws(ProtobufError) {
      return try value?.string("value") ?? ""
    } catch {
      throw error.within(name)
    }
  }
}

extension WireMetadata.Labels {
  fileprivate mutating func take(_ entry: MapEntry) throws(ProtobufError) {
    if entry.key.isText("kubernetes.io/service-name") {
      serviceName = try entry.text()
    } else if entry.key.isText("service.kubernetes.io/service-proxy-name") {
      serviceProxyName = try entry.text()
    } else if entry.key.isText("service.kubernetes.io/headless") {
      headless = try entry.text()
    } else if entry.key.isText("topology.kubernetes.io/zone") {
      zone = try entry.text()
    }
  }
}

extension WireMetadata.Annotations {
  fileprivate mutating func take(_ entry: MapEntry) throws(ProtobufError) {
    if entry.key.isText("endpoints.kubernetes.io/last-change-trigger-time") {
      lastChangeTriggerTime = try entry.text()
    } else if entry.key.isText("k8s.io/initial-events-end") {
      initialEventsEnd = try entry.text()
    }
  }
}
