import Applier
import IPTables
import Logging
import ServiceModel
import System
import Time

/// For the legacy backend, which sends no notification of changes: checks regularly whether the canary chains exist. A
/// program that flushes a table and deletes its chains deletes the canary chain too.
struct CanaryWatch: Sendable {
  let tables: any LegacyTables
  let families: [FamilySync]
  let interval: Duration
  let clock: any MomentClock
  let logger: Logger
  /// Called for each flush that was found.
  var noticed: @Sendable (IPFamily) -> Void = { _ in }

  /// Runs until the task is cancelled.
  func run() async {
    // The same error is logged once, and not at every check.
    var logged: [IPFamily: String] = [:]
    while !Task.isCancelled {
      await clock.sleep(until: clock.now().advanced(by: interval))
      guard !Task.isCancelled else { return }
      for family in families {
        let error = await check(family).map { "\($0)" }
        if let error, error != logged[family.family] {
          logger.error(
            "legacy tables cannot be read; retrying",
            metadata: ["family": "\(family.family.rawValue)", "error": "\(error)"])
        }
        logged[family.family] = error
      }
    }
  }

  /// - Returns: why the tables cannot be read; nil if they can.
  private func check(_ sync: FamilySync) async -> (any Error)? {
    // Before the first sync there are no canary chains.
    guard await sync.applier.knowsKernelState else { return nil }
    let (tables, family) = (tables, sync.family)
    do {
      let missing = try await OwnThread.run("canaries") {
        Result { () throws(LegacyTableError) -> [Table] in
          var missing: [Table] = []
          for table in Table.allCases {
            if try tables.read(family, table)?.contains(.canary) != true { missing.append(table) }
          }
          return missing
        }
      }.get()
      guard !missing.isEmpty else { return nil }
      noticed(family)
      let names = missing.map(\.rawValue).joined(separator: ", ")
      logger.warning(
        "rules were flushed by another program; checking all of them",
        metadata: ["family": "\(family.rawValue)", "tables": "\(names)"])
      sync.repair(reason: "canary chains were missing in \(names)")
      return nil
    } catch {
      return error
    }
  }
}
