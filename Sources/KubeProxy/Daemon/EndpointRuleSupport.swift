import Planner
import ServiceModel

/// The families in which the host has the bpf match, which compact endpoint rules need. Its description is for people.
struct EndpointRuleSupport: CustomStringConvertible {
  private let families: [IPFamily]

  init(_ features: [IPFamily: RuleFeatures]) { families = features.filter(\.value.bpf).keys.sorted() }

  var description: String {
    families.isEmpty ? "not available" : families.map(\.rawValue).joined(separator: ", ")
  }
}
