import KubernetesAPI
import ServiceModel

/// Decides what to do with a new reading of the manifests. It is a state machine without I/O.
///
/// The first reading is accepted, and objects and documents that are not valid are left out. But it is refused if a
/// file cannot be read to its end: the rest of its Services would be missing, so rules that an earlier process wrote
/// for them would be removed although they work. Later, a reading with errors that the accepted one did not have is
/// reported once, and the last good state stays until the files are valid again.
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
  /// How often the accepted reading has each failure. A document whose object is not known has the same key as others
  /// with the same problem.
  private var accepted: [FailureKey: Int] = [:]
  /// The last reported reasons for refusing a reading.
  private var reported: [String] = []

  mutating func read(_ contents: ManifestContents) -> [Action] {
    let failures = Dictionary(contents.failures.map { (FailureKey($0), 1) }, uniquingKeysWith: +)
    guard accepts(contents, failures) else { return keep(contents.failures.map(\.description)) }
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

  private func accepts(_ contents: ManifestContents, _ failures: [FailureKey: Int]) -> Bool {
    guard let current else { return !contents.isIncomplete }
    return failures.allSatisfy { key, count in count <= accepted[key, default: 0] }
      && !contents.mayHideObjects(of: current)
  }

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

extension ManifestContents {
  /// Whether an object of an earlier reading is missing and may be a document that cannot be read now.
  fileprivate func mayHideObjects(of earlier: ManifestContents) -> Bool {
    guard failures.contains(where: { $0.object == nil }) else { return false }
    return !Set(services.map(\.name)).isSuperset(of: earlier.services.map(\.name))
      || !Set(slices.map(\.name)).isSuperset(of: earlier.slices.map(\.name))
      || !Set(nodes.map(\.name)).isSuperset(of: earlier.nodes.map(\.name))
      || !Set(serviceCIDRs).isSuperset(of: earlier.serviceCIDRs)
  }
}
