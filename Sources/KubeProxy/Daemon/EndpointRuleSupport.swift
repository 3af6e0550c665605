import Planner
import ServiceModel

/// In which families the host has the match that compact rules for endpoints need, as words for people.
struct EndpointRuleSupport: CustomStringConvertible {
  private let families: [IPFamily]

  init(_ features: [IPFamily: HostFeatures]) { families = features.filter(\.value.bpf).keys.sorted() }

  var description: String {
    families.isEmpty ? "not available" : families.map(\.rawValue).joined(separator: ", ")
  }
}
