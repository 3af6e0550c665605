import Lab
import Testing

/// One cluster for each backend. It is built when the first test uses it, and removed at the end of the suite.
actor SharedClusters {
  @TaskLocal static var current: SharedClusters?

  private let services: @Sendable (Lab) -> [ServiceObject]
  private var clusters: [Backend: Task<Cluster, any Error>] = [:]

  init(_ services: @escaping @Sendable (Lab) -> [ServiceObject]) { self.services = services }

  func cluster(_ backend: Backend) async throws -> Cluster {
    let cluster = clusters[backend] ?? Task { [services] in try await Cluster.build(backend, services) }
    clusters[backend] = cluster
    return try await cluster.value
  }

  func tearDown() async throws {
    for task in clusters.values {
      // A cluster whose build failed needs no removal.
      guard let cluster = try? await task.value else { continue }
      try await cluster.tearDown()
    }
    clusters = [:]
  }
}

/// Gives a suite its clusters. If its tests apply Services, it has to be serialized, because they change the same
/// rules.
struct SharedClustersTrait: SuiteTrait, TestScoping {
  let services: @Sendable (Lab) -> [ServiceObject]

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let clusters = SharedClusters(services)
    do {
      try await SharedClusters.$current.withValue(clusters) { try await function() }
    } catch {
      try? await clusters.tearDown()
      throw error
    }
    try await clusters.tearDown()
  }
}

extension Trait where Self == SharedClustersTrait {
  static var sharedClusters: SharedClustersTrait { sharedClusters { _ in [] } }

  /// - Parameter services: the clusters have them from the start.
  static func sharedClusters(_ services: @escaping @Sendable (Lab) -> [ServiceObject]) -> SharedClustersTrait {
    SharedClustersTrait(services: services)
  }
}

extension Cluster {
  static func shared(_ backend: Backend) async throws -> Cluster {
    try await #require(SharedClusters.current, "the suite lacks .sharedClusters").cluster(backend)
  }
}
