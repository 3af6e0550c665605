/// A quantity that is measured for a scenario.
package enum Quantity: String, Hashable, Sendable, Codable, CaseIterable {
  // A full sync, in seconds.
  case planning, rendering, fullSyncOwnWork, emptyFullSync, emptyRestore, kubeProxyFullSync, restartSync, liveFullSync,
    noChangeSync
  // The output of a full sync.
  case rules, inputBytes, transactions, restorePeakMemory, kubeProxyRestorePeakMemory
  // One change, in seconds: from the event to the kernel's answer. Then this program's own work, and the same change by
  // other programs.
  case addService, removeService, addEndpoint, removeEndpoint, replaceEndpoint
  case changeOwnWork, ownChainsRestore, kubeProxyChange
  case burst, burstOwnWork
  // Connecting, in seconds.
  case connectFirst, connectMiddle, connectLast, connectOneEndpoint, connectManyEndpoints
  case connectManyServices, connectDirectly
  // Resident memory of a process that does the proxy's work, in bytes. Then the part at the end that the process
  // allocated itself.
  case peakMemory, steadyMemory, steadyAllocated
  // The peak of the memory that the process allocated, without mapped files.
  case peakAnonymousMemory
  // A whole program, from outside. In seconds: from its start, or from the API server's event, to the rules.
  case programStart, programAddService, programReplaceEndpoints, programRemoveService, programRollingUpdate
  // What that took: seconds of processor time, commits to nf_tables, executed programs; bytes of memory.
  case programStartCPU, programStartCommits, programStartExecutions
  case programChangesCPU, programChangesCommits, programChangesExecutions
  case programPeakAllocated, programPeakResident, programAllocated, programResident
  // Comparing the kernel's rules with the plan, in seconds, and the processor time that it took. Whole tables, and the
  // part that one changed Service needs.
  case shadowWhole, shadowWholeCPU, shadowPart, shadowPartCPU
}

/// The results of several runs of the same measurement.
package struct Measurement: Sendable, Codable {
  package var scenario: Scenario
  package var quantity: Quantity
  /// Seconds, bytes or a count, depending on the quantity, in the order of the runs.
  package var samples: [Double]

  package init(_ quantity: Quantity, of scenario: Scenario, _ samples: [Double]) {
    self.quantity = quantity
    self.scenario = scenario
    self.samples = samples
  }

  var statistics: Statistics { Statistics(samples) }
}

/// Median and spread of samples. Noise of the machine only makes samples larger, so a mean would mostly reflect the
/// noise.
package struct Statistics: Sendable, Codable, Equatable {
  let median: Double
  /// The 10th and 90th percentile. With fewer than ten samples, the smallest and the largest.
  package let low: Double
  package let high: Double
  package let count: Int

  init(median: Double, low: Double, high: Double, count: Int) {
    self.median = median
    self.low = low
    self.high = high
    self.count = count
  }

  package init(_ samples: [Double]) {
    let sorted = samples.sorted()
    func percentile(_ share: Double) -> Double {
      guard !sorted.isEmpty else { return .nan }
      let place = share * Double(sorted.count - 1)
      let index = Int(place)
      let next = min(index + 1, sorted.count - 1)
      return sorted[index] + (sorted[next] - sorted[index]) * (place - Double(index))
    }
    median = percentile(0.5)
    low = sorted.count < 10 ? sorted.first ?? .nan : percentile(0.1)
    high = sorted.count < 10 ? sorted.last ?? .nan : percentile(0.9)
    count = sorted.count
  }
}
