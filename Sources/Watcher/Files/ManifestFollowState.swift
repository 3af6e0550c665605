import KubernetesAPI
import ServiceModel

/// Decides what a new reading of manifests means: the protocol of following files, without files.
///
/// The first reading is taken with the objects that are wrong left out, unless there is a document that cannot be taken
/// apart: to go without all that may stand in it could take Services away that work. Afterwards a reading that is worse
/// than what was taken is reported once, and the last good state stays until the files are in order again.
struct ManifestFollowState {
  enum Action: Equatable {
    case send([ClusterEvent])
    /// Objects that are used, but not in every respect.
    case warn([ObjectWarning])
    /// Objects that are left out.
    case leaveOut([ObjectFailure])
    /// Why the last good state stays.
    case keep([String])
    /// After a reading that was not taken, one was.
    case recovered
  }

  /// A failure apart from the line it stands in, which moves with every edit.
  private struct FailureKey: Hashable {
    var file: String
    var object: ObjectReference?
    var what: String

    init(_ failure: ObjectFailure) {
      switch failure {
      case .invalid(let error):
        file = error.source.name
        object = error.object
        what = "\(error.field) \(error.problem)"
      case .undecodable(let error):
        file = error.source.name
        object = error.object
        what = "\(error.field ?? "") \(error.problem)"
      }
    }
  }

  private var current: ManifestContents?
  private var accepted: Set<FailureKey> = []
  /// What was said last about a reading that was not taken.
  private var reported: [String] = []

  mutating func read(_ contents: ManifestContents) -> [Action] {
    let failures = Set(contents.failures.map(FailureKey.init))
    guard current == nil ? !contents.isIncomplete : failures.isSubset(of: accepted) else {
      return keep(contents.failures.map(\.description))
    }
    var actions: [Action] = reported.isEmpty ? [] : [.recovered]
    reported = []
    let isFirst = current == nil
    let events = ManifestFollowState.events(from: current, to: contents)
    if !events.isEmpty { actions.append(.send(events)) }
    let warnings = contents.warnings.filter { current?.warnings.contains($0) != true }
    if !warnings.isEmpty { actions.append(.warn(warnings)) }
    if isFirst && !contents.failures.isEmpty { actions.append(.leaveOut(contents.failures)) }
    current = contents
    accepted = failures
    return actions
  }

  /// The files could not be read.
  mutating func failed(_ reason: String) -> [Action] { keep([reason]) }

  private mutating func keep(_ reasons: [String]) -> [Action] {
    if reasons == reported { return [] }
    reported = reasons
    return [.keep(reasons)]
  }

  private static func events(from old: ManifestContents?, to new: ManifestContents) -> [ClusterEvent] {
    var events: [ClusterEvent] = []
    if old?.nodes != new.nodes { events.append(.replaceNodes(new.nodes)) }
    if old?.serviceCIDRs != new.serviceCIDRs { events.append(.replaceServiceCIDRs(new.serviceCIDRs)) }
    if old?.services != new.services { events.append(.replaceServices(new.services)) }
    if old?.slices != new.slices { events.append(.replaceSlices(new.slices)) }
    return events
  }
}
