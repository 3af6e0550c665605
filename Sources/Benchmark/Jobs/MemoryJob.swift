import Glibc
import KubeProxy
import System
import Telemetry
import Watcher

/// Resident memory of a process that holds a cluster, writes its rules and then processes changes.
struct MemoryJob {
  let scenario: Scenario
  let changes: Int

  func run() async throws -> [Measurement] {
    let peak = try PeakMemory(of: "self")
    let proxy = Proxy(scenario)
    try await proxy.load()
    ProcessMemory.trim()
    try await proxy.sync()
    ProcessMemory.trim()
    if scenario.manifests == nil {
      let synthetic = SyntheticCluster(scenario)
      for round in 0..<changes {
        let number = round * 7919 % scenario.services
        let endpoints = scenario.endpoints + (round & 1)
        if await proxy.cluster.apply([.setSlice(synthetic.slice(number, endpoints: endpoints))]).isEmpty { continue }
        try await proxy.sync()
      }
    }
    let anonymous = peak.finish()
    let status = try TextFile.read("/proc/self/status")
    return [
      Measurement(.peakMemory, of: scenario, [try MemoryJob.field("VmHWM", status)]),
      Measurement(.peakAnonymousMemory, of: scenario, [anonymous]),
      Measurement(.steadyMemory, of: scenario, [try MemoryJob.field("VmRSS", status)]),
      Measurement(.steadyAllocated, of: scenario, [try MemoryJob.field("RssAnon", status)]),
    ]
  }

  /// A line such as `VmRSS:  12345 kB`, in bytes.
  static func field(_ name: String, _ status: String) throws(BenchmarkError) -> Double {
    for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count >= 2, let kilobytes = Double(words[1]) { return kilobytes * 1024 }
    }
    throw .unusable("/proc/self/status has no \(name)")
  }
}
