import ServiceModel

extension ManifestContents {
  /// The maximum number of warnings. Files with many objects of other programs would otherwise give one warning per
  /// object.
  private static let warningLimit = 20

  /// Warns about objects that are ignored or have no effect although their author may expect an effect. It needs all
  /// files, because the warnings depend on which Services exist.
  mutating func warnOfIgnored() {
    var found: [ObjectWarning] = []
    let served = Set(services.map(\.name))
    let known = served.union(ignored.compactMap { $0.object.kind == "Service" ? $0.name : nil })
    let sliced = Set(slices.map(\.service))
    for ignored in ignored {
      guard let message = ignored.warning(served: served, sliced: sliced) else { continue }
      found.append(
        ObjectWarning(source: ignored.source, object: ignored.object, field: message.field, message: message.text))
    }
    for slice in slices where !known.contains(slice.service) {
      let object = ObjectReference(kind: "EndpointSlice", namespace: slice.name.namespace, name: slice.name.name)
      let source = sources[object] ?? ObjectSource(name: "manifests")
      found.append(
        ObjectWarning(
          source: source, object: object, field: "metadata.labels[kubernetes.io/service-name]",
          message: "there is no Service \(slice.service); the slice has no effect"))
    }
    for warning in found.prefix(ManifestContents.warningLimit) { warn(warning) }
    guard let last = found.last, found.count > ManifestContents.warningLimit else { return }
    warn(
      ObjectWarning(
        source: last.source, object: last.object, field: "",
        message: "and \(found.count - ManifestContents.warningLimit) more objects have no effect"))
  }
}

extension ManifestContents.Ignored {
  fileprivate var name: NamespacedName? { NamespacedName(namespace: object.namespace, name: object.name) }

  /// - Parameters:
  ///   - served: Services that get rules.
  ///   - sliced: Services that have EndpointSlices.
  fileprivate func warning(
    served: Set<NamespacedName>, sliced: Set<NamespacedName>
  ) -> (field: String, text: String)? {
    switch reason {
    case .noServiceName:
      return ("metadata.labels", "has no label kubernetes.io/service-name; the slice belongs to no Service")
    case .otherKind(let version):
      if object.kind == "Endpoints" && version == "v1" {
        guard let name = name ?? NamespacedName(namespace: "default", name: object.name), !sliced.contains(name),
          served.contains(name)
        else { return nil }
        return ("kind", "is not read, and Service \(name) has no EndpointSlice (discovery.k8s.io/v1)")
      }
      guard let kind = ResourceKind(rawValue: object.kind), let read = kind.apiVersions.first,
        let group = read.split(separator: "/").dropLast().first, version.hasPrefix("\(group)/")
      else { return nil }
      return ("apiVersion", "\(version.quoted) is not read, only \(read) is; the object has no effect")
    default: return nil
    }
  }
}
