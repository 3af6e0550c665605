import ServiceModel

extension Daemon {
  /// Waits for the log line that says that the rules are up to date, for each of these families.
  package func waitForSync(_ families: [IPFamily] = IPFamily.allCases, after mark: Int) async throws {
    for family in families {
      try await waitForLine("a sync of \(family.rawValue)", after: mark) { Daemon.isSync($0, of: family) }
    }
  }

  /// Checks `condition` now and after each sync that comes after `mark`, until it is true.
  package func waitForSyncs(after mark: Int, until condition: () async throws -> Bool) async throws {
    var mark = mark
    while try await !condition() {
      mark = try await waitForLine("a further sync", after: mark) { line in
        IPFamily.allCases.contains { Daemon.isSync(line, of: $0) }
      }
    }
  }

  static func isSync(_ line: String, of family: IPFamily) -> Bool {
    (line.contains("rules synced") || line.contains("rules are up to date")) && line.contains(family.rawValue)
  }
}
