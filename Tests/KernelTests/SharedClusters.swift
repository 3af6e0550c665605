import Testing

/// One cluster for each backend, built when it is first asked for and removed at the end of the suite.
actor SharedClusters {
  @TaskLocal static var current: SharedClusters?

  private var clusters: [Backend: Cluster] = [:]

  func cluster(_ backend: Backend) async throws -> Cluster {
    if let cluster = clusters[backend] { return cluster }
    let cluster = try await Cluster.build(backend)
    clusters[backend] = cluster
    return cluster
  }

  func tearDown() async throws {
    for cluster in clusters.values { try await cluster.tearDown() }
    clusters = [:]
  }
}

/// Gives a suite its clusters. The suite has to be serialized: its tests change the same kernel rules.
struct SharedClustersTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let clusters = SharedClusters()
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
  static var sharedClusters: SharedClustersTrait { SharedClustersTrait() }
}

extension Cluster {
  static func shared(_ backend: Backend) async throws -> Cluster {
    try await #require(SharedClusters.current, "the suite lacks .sharedClusters").cluster(backend)
  }
}
