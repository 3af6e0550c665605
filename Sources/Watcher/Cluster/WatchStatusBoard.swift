import Synchronization

/// Where the watches write how they are doing, for anyone to read at any time.
public final class WatchStatusBoard: Sendable {
  private let statuses: Mutex<[WatchedResource: WatchStatus]>

  public init(_ resources: [WatchedResource] = WatchedResource.allCases) {
    let initial = resources.map { ($0, WatchStatus(resource: $0)) }
    statuses = Mutex(Dictionary(initial) { first, _ in first })
  }

  /// In the order of the resources' names.
  public var all: [WatchStatus] {
    statuses.withLock { $0.values.sorted { $0.resource < $1.resource } }
  }

  public subscript(resource: WatchedResource) -> WatchStatus {
    statuses.withLock { $0[resource] ?? WatchStatus(resource: resource) }
  }

  func update(_ resource: WatchedResource, _ change: (inout WatchStatus) -> Void) {
    statuses.withLock { change(&$0[resource, default: WatchStatus(resource: resource)]) }
  }
}
