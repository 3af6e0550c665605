/// How much of a limited time is left for a job, on a machine whose pace shows as jobs are done.
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

  /// Repetitions may take this share of the whole budget in one job.
  private static let repetitionShare = 0.08
  /// Of the time that is left, a job may be expected to take this much; the rest is for what an estimate misses.
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
