import ServiceModel

extension Daemon {
  /// Waits for the line that a proxy logs when it has brought a family's rules up to date, for each of these families.
  public func waitForSync(_ families: [IPFamily] = IPFamily.allCases, after mark: Int) async throws {
    for family in families {
      try await waitForLine("a sync of \(family.rawValue)", after: mark) { Daemon.isSync($0, of: family) }
    }
  }

  static func isSync(_ line: String, of family: IPFamily) -> Bool {
    line.contains("synced") && line.contains(family.rawValue)
  }
}
