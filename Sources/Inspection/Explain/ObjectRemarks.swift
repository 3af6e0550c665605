import ServiceModel

/// Parts of a Service's objects that were left out when the objects were read, or that have no effect.
struct ObjectRemarks {
  let subject: ServiceAddress?
  let scene: Scene

  /// One line for each remark. If there are many, the first ones and the number of the others.
  var texts: [String] {
    guard let name = subject?.label.service, let snapshot = scene.snapshot, let service = snapshot.services[name] else {
      return []
    }
    let slices = snapshot.slices(of: name, family: scene.family)
    let remarks =
      service.remarks.map { "Service \(name): \($0)" }
      + slices.flatMap { slice in slice.remarks.map { "EndpointSlice \(slice.name): \($0)" } }
    let limit = 10
    guard remarks.count > limit else { return remarks }
    return remarks.prefix(limit) + ["and \(remarks.count - limit) more of the Service's objects"]
  }
}
