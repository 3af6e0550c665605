import ArgumentParser
import Foundation
import KubernetesAPI
import Lab
import ProtobufFixture
import ServiceModel
import Watcher

struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Measure the cost of reading a cluster from a streaming list: bytes, CPU time and memory.",
    discussion: """
      Writes a streaming list to a file, then reads it in pieces of 64 KiB as the proxy does, up to the snapshot. Run it \
      once for each format: what one run leaves in memory would count in the next.
      """)

  @Option(help: "Services, each with a slice.") var services = 5000
  @Option(help: "Endpoints of each slice.") var endpoints = 10
  @Flag(help: "In JSON instead of protobuf.") var json = false

  func run() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "decode-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    // Write in another process, so that writing leaves no memory behind in this one.
    let child = Process()
    child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments =
      ["write-stream", "--services", "\(services)", "--endpoints", "\(endpoints)", "--file", file.path]
      + (json ? ["--json"] : [])
    try child.run()
    child.waitUntilExit()
    guard child.terminationStatus == 0 else { throw ExitCode.failure }
    try read(file)
  }

  private func read(_ file: URL) throws {
    let handle = try FileHandle(forReadingFrom: file)
    let before = try ResidentMemory(of: getpid()).anonymous
    let start = Self.cpuSeconds
    var reader = WatchEventReader(format: json ? .json : .protobuf, source: file.path)
    var decoder = ObjectDecoder()
    var store = SnapshotStore()
    var (bytes, total, peak): ([UInt8], Int, Int) = ([], 0, before)
    while let piece = try handle.read(upToCount: 64 << 10), !piece.isEmpty {
      total += piece.count
      bytes += piece
      var events: [ClusterEvent] = []
      try reader.consume(&bytes, decoder: &decoder) { event in
        guard case .change(_, let object) = event else { return }
        switch object.content {
        case .service(let service): events.append(.setService(service))
        case .endpointSlice(let slice): events.append(.setSlice(slice))
        default: break
        }
      }
      _ = store.apply(events)
      peak = max(peak, try ResidentMemory(of: getpid()).anonymous)
    }
    let seconds = Self.cpuSeconds - start
    let found = store.snapshot.slices.values.flatMap(\.values).reduce(0) { $0 + $1.endpoints.count }
    let figures = String(
      format: "%.1f MB, %.2f s CPU, RssAnon %.1f -> %.1f MB at most", Double(total) / 1e6, seconds,
      Double(before) / 1024, Double(peak) / 1024)
    let name = json ? "JSON" : "protobuf"
    Screen.text("\(name): \(store.snapshot.services.count) Services, \(found) endpoints, \(figures)")
  }

  private static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
  }
}

/// Writes the streaming list that `decode` reads.
struct WriteStreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "write-stream", shouldDisplay: false)

  @Option var services: Int
  @Option var endpoints: Int
  @Option var file: String
  @Flag var json = false

  func run() throws {
    try Data().write(to: URL(filePath: file))
    let handle = try FileHandle(forWritingTo: URL(filePath: file))
    for number in 0..<services {
      try handle.write(contentsOf: event(WatchedObjects.service(number)))
      try handle.write(contentsOf: event(WatchedObjects.slice(number, endpoints: endpoints)))
    }
  }

  private func event(_ object: [String: Any]) throws -> Data {
    guard json else { return Data(ProtobufEncoder.frame("ADDED", object: ProtobufEncoder.envelope(object))) }
    let text = try JSONSerialization.data(
      withJSONObject: ["type": "ADDED", "object": object], options: [.sortedKeys, .withoutEscapingSlashes])
    return text + Data("\n".utf8)
  }
}
