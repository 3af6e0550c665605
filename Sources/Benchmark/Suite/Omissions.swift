/// What a run did not measure, or measured less often than planned, because its time was up.
struct Omissions {
  private var done: [String: Int] = [:]
  private var omitted: [(title: String, count: Int)] = []
  private var reduced: [String] = []

  mutating func noteDone(_ job: Job, of planned: Job) {
    done[planned.title, default: 0] += 1
    guard job.repetitions < planned.repetitions else { return }
    reduced.append("\(planned.title) (\(job.repetitions) of \(planned.repetitions))")
  }

  mutating func noteOmitted(_ job: Job) {
    if let place = omitted.firstIndex(where: { $0.title == job.title }) {
      omitted[place].count += 1
    } else {
      omitted.append((job.title, 1))
    }
  }

  /// Sentences for the report.
  func notes(limit: Double) -> [String] {
    var notes: [String] = []
    if !omitted.isEmpty {
      let list = omitted.map { title, count in
        done[title].map { "\(title) (run \($0) of \($0 + count) times)" } ?? title
      }
      notes.append("Left out to stay within \(Figure.time(limit)): \(list.joined(separator: "; ")).")
    }
    if !reduced.isEmpty { notes.append("Fewer repetitions than planned: \(reduced.joined(separator: "; ")).") }
    return notes
  }
}
