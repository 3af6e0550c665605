import KubernetesAPI
import ServiceModel

/// Decides what to do with a new reading of the manifests. It is a state machine without I/O.
///
/// The first reading is accepted, and objects that are not valid are left out. But it is refused if a document cannot
/// be split into objects: its Services would be missing, so their rules would be removed although they work. Later, a
/// reading with errors that the accepted one did not have is reported once, and the last good state stays until the
/// files are valid again.
struct ManifestFollowState {
  enum Action: Equatable {
    case send([ClusterEvent])
    /// Objects that are used, although parts of them are ignored.
    case warn([ObjectWarning])
    /// Objects that are left out.
    case leaveOut([ObjectFailure])
    /// The reasons why the last good state stays.
    case keep([String])
    /// A reading was accepted after one or more were refused.
    case recovered
  }

  /// Identifies a failure without its line number, because line numbers change with every edit.
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

  /// Identifies a warning without its line number, for the same reason.
  private struct WarningKey: Hashable {
    var file: String
    var object: ObjectReference
    var what: String

    init(_ warning: ObjectWarning) {
      file = warning.source.name
      object = warning.object
      what = "\(warning.field) \(warning.message)"
    }
  }

  private var current: ManifestContents?
  private var warned: Set<WarningKey> = []
  private var accepted: Set<FailureKey> = []
  /// The last reported reasons for refusing a reading.
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
    let warnings = contents.warnings.filter { !warned.contains(WarningKey($0)) }
    if !warnings.isEmpty { actions.append(.warn(warnings)) }
    if isFirst && !contents.failures.isEmpty { actions.append(.leaveOut(contents.failures)) }
    current = contents
    accepted = failures
    warned = Set(contents.warnings.map(WarningKey.init))
    return actions
  }

  /// Called when the files could not be read.
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
