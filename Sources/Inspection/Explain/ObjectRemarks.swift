import ServiceModel

/// What was left out of a Service's objects when they were read, or has no effect in them.
struct ObjectRemarks {
  let subject: ServiceAddress?
  let scene: Scene

  /// One line each, the first of them.
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
