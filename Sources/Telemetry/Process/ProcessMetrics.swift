import Glibc

/// The process_* metrics of Prometheus' client libraries, read from /proc for each scrape.
package struct ProcessMetrics: Sendable {
  private let registry: MetricsRegistry
  /// Start time of the process in seconds since 1970; 0 if it is not known.
  package var startTime: Double { registry.value(startedAt) ?? 0 }
  private let cpu, openFiles, maxFiles, resident, virtual, maxVirtual, startedAt, received, sent: MetricID

  package init(_ registry: MetricsRegistry) {
    func metric(_ name: String, _ help: String, _ kind: MetricKind) -> MetricID {
      registry.declare(MetricDefinition("process_" + name, help, kind))
    }
    self.registry = registry
    cpu = metric("cpu_seconds_total", "Total user and system CPU time spent in seconds.", .counter)
    openFiles = metric("open_fds", "Number of open file descriptors.", .gauge)
    maxFiles = metric("max_fds", "Maximum number of open file descriptors.", .gauge)
    resident = metric("resident_memory_bytes", "Resident memory size in bytes.", .gauge)
    virtual = metric("virtual_memory_bytes", "Virtual memory size in bytes.", .gauge)
    maxVirtual = metric("virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", .gauge)
    startedAt = metric("start_time_seconds", "Start time of the process since unix epoch in seconds.", .gauge)
    received = metric(
      "network_receive_bytes_total", "Number of bytes received by the process over the network.", .counter)
    sent = metric(
      "network_transmit_bytes_total", "Number of bytes sent by the process over the network.", .counter)
  }

  /// Reads all values. A value that cannot be read stays as it was.
  package func collect() {
    if let status = ProcessStatus.read() {
      registry.set(cpu, to: status.cpuSeconds)
      registry.set(resident, to: Double(status.residentBytes))
      registry.set(virtual, to: Double(status.virtualBytes))
      if let start = status.startTime { registry.set(startedAt, to: start) }
    }
    if let count = ProcessStatus.openFiles() { registry.set(openFiles, to: Double(count)) }
    if let limit = ProcessStatus.limit(RLIMIT_NOFILE) { registry.set(maxFiles, to: limit) }
    if let limit = ProcessStatus.limit(RLIMIT_AS) { registry.set(maxVirtual, to: limit) }
    if let traffic = ProcessStatus.networkBytes() {
      registry.set(received, to: traffic.received)
      registry.set(sent, to: traffic.sent)
    }
  }
}
