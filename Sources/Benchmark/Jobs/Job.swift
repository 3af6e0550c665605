import Applier
import ServiceModel

/// The measurement of one child process, in its own network namespace.
///
/// Each measurement has its own process, so that the memory and the caches of one do not affect the next. Its tables
/// are empty at the start and disappear at the end.
struct Job: Sendable, Codable, Hashable {
  enum Kind: String, Sendable, Codable {
    /// A full sync of empty tables, and plain iptables-restore with the same input.
    case fullSync
    /// The same rules in kube-proxy's form.
    case kubeProxyStyle
    /// A full sync of tables that are in use: after a restart, and with all endpoints replaced.
    case liveSync
    /// Single changes and bursts.
    case changes
    /// The same changes in kube-proxy's form.
    case kubeProxyChanges
    /// How long connections take.
    case connect
    /// Memory of a process that does what the proxy does.
    case memory
    /// How long `--shadow` takes to compare the kernel's rules with the plan.
    case shadow
    /// A whole program from outside, next to an API server.
    case program
  }

  var kind: Kind
  var scenario: Scenario
  /// How many times the measured action is repeated, if the job repeats it.
  var repetitions: Int
  /// The job's time limit; nil for none. Without a limit, a job that measures a whole program ends after 1,800 s.
  var seconds: Double?

  func with(_ change: (inout Job) -> Void) -> Job {
    var copy = self
    change(&copy)
    return copy
  }

  /// The text of the progress line.
  var title: String {
    let what =
      switch kind {
      case .fullSync: "full sync"
      case .kubeProxyStyle: "full sync as kube-proxy writes it"
      case .liveSync: "full sync of tables in use"
      case .changes: "single changes"
      case .kubeProxyChanges: "changes as kube-proxy writes them"
      case .connect: "connecting"
      case .memory: "memory"
      case .shadow: "comparing as a shadow"
      case .program: scenario.program?.label ?? "program"
      }
    return "\(scenario.backend.rawValue) \(scenario.family.rawValue) \(scenario.size): \(what)"
  }

  func run() async throws -> JobResult {
    switch kind {
    case .fullSync: JobResult(try await FullSyncJob(scenario: scenario).run())
    case .kubeProxyStyle: JobResult(try await KubeProxyStyleJob(scenario: scenario).run())
    case .liveSync: JobResult(try await LiveSyncJob(scenario: scenario).run())
    case .changes:
      JobResult(try await ChangesJob(scenario: scenario, repetitions: repetitions, besideKubeProxy: false).run())
    case .kubeProxyChanges:
      JobResult(try await ChangesJob(scenario: scenario, repetitions: repetitions, besideKubeProxy: true).run())
    case .connect: JobResult(try await ConnectJob(scenario: scenario, rounds: repetitions).run())
    case .memory: JobResult(try await MemoryJob(scenario: scenario, changes: repetitions).run())
    case .shadow: JobResult(try await ShadowJob(scenario: scenario, repetitions: repetitions).run())
    case .program:
      try await ProgramJob(
        scenario: scenario, program: scenario.program ?? .own(), repetitions: repetitions, seconds: seconds ?? 1800
      ).run()
    }
  }
}

/// The result of a job.
struct JobResult: Sendable, Codable {
  var measurements: [Measurement]
  /// A sentence for the reader of the report: why something was not measured.
  var note: String?

  init(_ measurements: [Measurement], note: String? = nil) {
    self.measurements = measurements
    self.note = note
  }
}
