import IPTables
import ServiceModel

extension FamilyApplier {
  /// Gives the plan or the change to a sync job.
  typealias Work = @Sendable (inout SyncJob) throws -> Void

  /// What the rendering thread returns.
  private struct Outcome: Sendable {
    var report: ApplyReport
    var update = ImageUpdate()
  }

  func perform(
    _ report: ApplyReport, on known: KernelImage, since epoch: Int, drifts: Bool, _ work: @escaping Work
  ) async throws(ApplyError) -> ApplyReport {
    let settings = SyncJob.Settings(backend: commands.backend, policy: policy, drifts: drifts)
    let outcome = SharedValue(Outcome(report: report))
    let run: RestoreRun
    do {
      run = try await commands.restore(family) { sink in
        var job = SyncJob(report, image: known, settings, sink: sink)
        try work(&job)
        outcome.withLock { [job] in $0 = Outcome(report: job.report, update: job.update) }
      }
    } catch {
      forgetKernelState()
      let context = error.failingLine.flatMap { line in
        FailingInput(line: line, part: error.inputPart) { sink in
          var job = SyncJob(report, image: known, settings, sink: sink)
          try work(&job)
        }
      }
      throw ApplyError(family: family, attempt: .restoring, command: error, context: context)
    }
    outcome.value.update.apply(to: known)
    adopt(known, since: epoch)
    return complete(outcome.value.report, run, known)
  }

  private func complete(_ report: ApplyReport, _ run: RestoreRun, _ image: KernelImage) -> ApplyReport {
    var report = report
    for table in Table.allCases {
      report.tables[table, default: .init()].chainsTotal = image.chainCount(of: table)
      report.tables[table, default: .init()].rulesTotal = image.ruleCount(of: table)
    }
    report.processTime = run.processTime
    report.ownTime = run.productionTime
    return report
  }
}
