/// Decides how much of a limited time a job gets. Learns the machine's pace from the jobs that are done.
struct TimeBudget {
  /// Seconds for everything.
  let limit: Double
  private var expected = 1.0
  private var measured = 1.0

  init(limit: Double) { self.limit = limit }

  /// How much longer this machine takes than the one of ``JobCost``. It begins at 1.
  var pace: Double { measured / expected }

  /// A job has taken this long.
  mutating func note(_ job: Job, took seconds: Double) {
    expected += JobCost(job).seconds(job.repetitions)
    measured += seconds
  }

  /// The repetitions of one job may take this share of the whole budget.
  private static let repetitionShare = 0.08
  /// A job is expected to take at most this share of the time that is left, because estimates may be too low.
  private static let caution = 0.85

  /// The job with as many repetitions as there is time for; nil if there is not even time for the fewest.
  /// - Parameters:
  ///   - used: seconds since the start.
  ///   - shares: how many jobs share the time that is left. Programs that are compared get the same time each, so that
  ///     either all of them are measured or none.
  func fit(_ job: Job, used: Double, shares: Int = 1) -> Job? {
    let cost = JobCost(job)
    let room = (limit - used) * TimeBudget.caution / pace / Double(shares)
    guard cost.seconds(min(cost.fewest, job.repetitions)) <= room else { return nil }
    guard cost.each > 0 else { return job }
    let share = limit * TimeBudget.repetitionShare / pace
    let affordable = max(Double(cost.fewest), min((room - cost.fixed) / cost.each, share / cost.each))
    var job = job
    job.repetitions = Int(min(Double(job.repetitions), affordable))
    return job
  }
}
