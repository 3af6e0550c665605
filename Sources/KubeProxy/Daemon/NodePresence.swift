import Logging
import ServiceModel
import Synchronization
import Time

/// Logs a warning when the own Node is missing, or when it has no pod CIDRs although the rules need them.
final class NodePresence: Sendable {
  private enum Condition: Equatable {
    case present
    /// The Node has not existed so far.
    case missing(MissingNode)
    /// The Node existed before.
    case gone
    case withoutPodCIDRs
  }

  private struct State {
    var condition: Condition?
    var wasThere = false
  }

  private let name: String
  private let needsPodCIDRs: Bool
  private let logger: Logger
  private let state = Mutex(State())

  init(name: String, needsPodCIDRs: Bool, logger: Logger) {
    self.name = name
    self.needsPodCIDRs = needsPodCIDRs
    self.logger = logger
  }

  /// Takes all known Nodes. Called once when everything is listed, and again after every change.
  func update(_ nodes: [String: Node]) {
    let change: (old: Condition?, new: Condition)? = state.withLock { state in
      let new = condition(nodes, wasThere: state.wasThere)
      if nodes[name] != nil { state.wasThere = true }
      // Only the first warning searches for similar names.
      if case .missing = new, case .missing = state.condition { return nil }
      guard new != state.condition else { return nil }
      defer { state.condition = new }
      return (state.condition, new)
    }
    guard let change else { return }
    if change.new == .present {
      if change.old != nil { logger.notice("the Node exists", metadata: ["node": "\(name)"]) }
    } else {
      warn(change.new)
    }
  }

  /// Repeats the warning if the problem still exists.
  func remind() {
    if let condition = state.withLock({ $0.condition }) { warn(condition) }
  }

  private func condition(_ nodes: [String: Node], wasThere: Bool) -> Condition {
    guard let node = nodes[name] else { return wasThere ? .gone : .missing(MissingNode(name, among: nodes.keys)) }
    return needsPodCIDRs && node.podCIDRs.isEmpty && !wasThere ? .withoutPodCIDRs : .present
  }

  private func warn(_ condition: Condition) {
    switch condition {
    case .present: break
    case .gone:
      logger.warning(
        "the Node is gone; the rules use its last known state, and /healthz fails",
        metadata: ["node": "\(name)"])
    case .withoutPodCIDRs:
      logger.warning(
        "the Node has no pod CIDR; in mode NodeCIDR no rules are written until it has one",
        metadata: ["node": "\(name)"])
    case .missing(let missing):
      var metadata: Logger.Metadata = ["node": "\(name)"]
      if !missing.nearest.isEmpty { metadata["nearest"] = "\(missing.nearest.joined(separator: ", "))" }
      logger.warning(
        needsPodCIDRs
          ? "there is no Node of this name; in mode NodeCIDR no rules are written until its pod CIDR is known"
          : "there is no Node of this name; no endpoint counts as local. Set hostnameOverride to the Node's name",
        metadata: metadata)
    }
  }
}

/// Repeats the warnings about the own Node: after a minute, then with doubled pauses up to one hour.
struct NodeReminder: Sendable {
  let presence: NodePresence
  let clock: any MomentClock

  /// Runs until the task is cancelled.
  func run() async {
    var pause = Duration.seconds(60)
    while !Task.isCancelled {
      await clock.sleep(until: clock.now().advanced(by: pause))
      if Task.isCancelled { return }
      presence.remind()
      pause = min(pause * 2, .seconds(3600))
    }
  }
}
