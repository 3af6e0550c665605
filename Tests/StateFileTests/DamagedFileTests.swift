import Hashing
import Mutations
import ServiceModel
import Testing

@testable import StateFile

/// State files that disks, people or other programs have changed. Such a file never gives a wrong state and never ends
/// the process.
@Suite(.timeLimit(.minutes(5))) struct DamagedFileTests {
  private static func written(_ seed: UInt64, services: Int = 6) throws -> (folder: ScratchFolder, bytes: [UInt8]) {
    var random = RandomState(seed: seed)
    let folder = try ScratchFolder()
    try folder.file.write(random.state(services: services))
    return (folder, try folder.bytes())
  }

  /// With the checksum that they should have.
  private static func sealed(_ content: some Sequence<UInt8>) -> [UInt8] {
    let content = Array(content)
    var hash = RunningSHA256()
    content.withUnsafeBytes { hash.add($0) }
    return content + withUnsafeBytes(of: hash.digest()) { Array($0) }
  }

  @Test func `a truncated file is refused, wherever it ends`() throws {
    let (folder, bytes) = try Self.written(5)
    #expect(bytes.count > 500)
    for length in 0..<bytes.count {
      try folder.put(Array(bytes.prefix(length)))
      #expect(throws: StateFileError.damaged) { try folder.file.readAny() }
    }
    try folder.put(bytes + [0])
    #expect(throws: StateFileError.damaged) { try folder.file.readAny() }
  }

  @Test func `each flipped bit is found`() throws {
    let (folder, bytes) = try Self.written(6, services: 2)
    for index in bytes.indices {
      for bit in 0..<8 where (index + bit) % 3 == 0 {
        var changed = bytes
        changed[index] ^= 1 << UInt8(bit)
        try folder.put(changed)
        #expect(throws: StateFileError.self) { try folder.file.readAny() }
      }
    }
  }

  @Test func `a newer version of the format is named`() throws {
    let (folder, bytes) = try Self.written(7)
    var newer = bytes.dropLast(StateFormat.checksumSize)
    newer[9] = 2
    try folder.put(Self.sealed(newer))
    #expect(throws: StateFileError.newerVersion(2)) { try folder.file.readAny() }
    // Its checksum may be another kind of one.
    try folder.put(Array(newer))
    #expect(throws: StateFileError.newerVersion(2)) { try folder.file.readAny() }
    newer[9] = 0
    try folder.put(Self.sealed(newer))
    #expect(throws: StateFileError.damaged) { try folder.file.readAny() }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `changed content with a right checksum is read or refused, and what is read can be written`(
    _ seed: UInt64
  ) throws {
    let (folder, bytes) = try Self.written(seed)
    let content = Array(bytes.dropLast(StateFormat.checksumSize))
    // A varint of 35 bits, and texts that could do harm.
    let pieces: [[UInt8]] = [[0x80, 0x80, 0x80, 0x80, 0x7f], Array("-j ACCEPT".utf8), Array("../../etc/passwd".utf8)]
    var mutator = Mutator(seed: seed, pieces: pieces)
    var named = 0
    for _ in 0..<1500 {
      let changed = mutator.mutated(content)
      try folder.put(Self.sealed(changed))
      do throws(StateFileError) {
        let state = try folder.file.readAny()
        try Self.check(state.snapshot)
        try folder.file.write(state)
        #expect(try folder.file.readAny() == state)
      } catch {
        named += 1
        #expect("\(error)".utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 > 0x7f }, "\(error)")
      }
    }
    #expect(named > 500)
  }

  /// All values that become part of a rule.
  private static func check(_ snapshot: ClusterSnapshot) throws(StateFileError) {
    for service in snapshot.services.values {
      #expect(NameRule.isLabel(service.name.namespace) && NameRule.isLabel(service.name.name))
      for port in service.ports {
        #expect(port.name.port.isEmpty || NameRule.isLabel(port.name.port))
        #expect(port.port > 0 && port.nodePort != 0)
      }
    }
    for slice in snapshot.slices.values.flatMap(\.values) {
      #expect(slice.endpoints.allSatisfy { $0.address.family == slice.family && !$0.address.isLoopback })
      #expect(slice.ports.allSatisfy { $0.port > 0 })
    }
  }

  /// A name with 253 bytes would make a comment that is too long for a rule.
  @Test func `a Service's name is a label`() throws {
    var random = RandomState(seed: 1)
    var state = random.state(services: 0)
    let name = NamespacedName(namespace: "ns", name: String(repeating: "a.", count: 126) + "a")!
    state.snapshot.set(Service(name: name, clusterIPs: [IPAddress("10.0.0.1")!], ports: []))
    let folder = try ScratchFolder()
    try folder.file.write(state)
    #expect {
      try folder.file.readAny()
    } throws: { error in
      if case StateFileError.malformed = error { true } else { false }
    }
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let words: String
    let change: @Sendable (inout Service, inout EndpointSlice) -> Void
    var testDescription: String { words }
  }

  private static let mapped = IPAddress(family: .ipv6, bits: 0xffff_7f00_0001)

  /// The values are not in objects of the API, because its reader refuses them.
  @Test(arguments: [
    Wrong(words: "is an IPv4 address in IPv6 form") { $1.endpoints[0].address = mapped },
    Wrong(words: "endpoint ::1 is a loopback address") { $1.endpoints[0].address = IPAddress("::1")! },
    Wrong(words: "is not in the namespace of Service default/web") {
      $1.name = NamespacedName(namespace: "other", name: "web-1")!
    },
    Wrong(words: #""a b" is not a valid Node name"#) { $1.endpoints[0].nodeName = "a b" },
    Wrong(words: #""a b" is not a valid hint"#) { $1.endpoints[0].zoneHints = ["a b"] },
    Wrong(words: "is an IPv4 address in IPv6 form") { service, _ in service.externalIPs = [mapped] },
    Wrong(words: "external IP 127.0.0.1 of Service default/web is a loopback address") { service, _ in
      service.externalIPs = [IPAddress("127.0.0.1")!]
    },
    Wrong(words: "has an address twice") { service, _ in
      service.loadBalancerIPs = [IPAddress("192.0.2.1")!, IPAddress("192.0.2.1")!]
    },
    Wrong(words: "has no cluster IP") { service, _ in service.clusterIPs = [] },
    Wrong(words: "has a port twice") { service, _ in service.ports += service.ports },
    Wrong(words: "of type ClusterIP has a node port") { service, _ in service.ports[0].nodePort = 30_000 },
    Wrong(words: "has an external traffic policy and no external traffic") { service, _ in
      service.externalTrafficPolicy = .local
    },
    Wrong(words: "cannot have a health check node port") { service, _ in service.healthCheckNodePort = 30_000 },
  ])
  func `what the API's reader refuses is refused`(_ wrong: Wrong) throws {
    let name = NamespacedName(namespace: "default", name: "web")!
    let port = ServicePortName(service: name, port: "http", transport: .tcp)!
    var service = Service(
      name: name, clusterIPs: [IPAddress("fd00::1")!], ports: [Service.Port(name: port, port: 80)])
    var slice = EndpointSlice(
      name: name, service: name, family: .ipv6, ports: [], endpoints: [Endpoint(address: IPAddress("fd00::2")!)])
    wrong.change(&service, &slice)
    var random = RandomState(seed: 1)
    var state = random.state(services: 0)
    state.snapshot = ClusterSnapshot()
    state.snapshot.set(service)
    state.snapshot.set(slice)
    let folder = try ScratchFolder()
    try folder.file.write(state)
    let error = #expect(throws: StateFileError.self) { try folder.file.readAny() }
    #expect(error?.description.hasSuffix(wrong.words) == true, "\(String(describing: error))")
  }

  @Test func `a count that is larger than the file is refused`() throws {
    // A header, then a list whose length field has the largest possible number of Nodes.
    var random = RandomState(seed: 1)
    var state = random.state(services: 0)
    state.snapshot = ClusterSnapshot()
    let folder = try ScratchFolder()
    try folder.file.write(state)
    let content = try folder.bytes().dropLast(StateFormat.checksumSize)
    for count in [[0xff, 0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]] as [[UInt8]] {
      for place in 1...3 {
        try folder.put(Self.sealed(Array(content.prefix(content.count - place)) + count + [0, 0]))
        #expect {
          try folder.file.readAny()
        } throws: { error in
          if case StateFileError.malformed = error { true } else { false }
        }
      }
    }
  }

  @Test func `more than the limit is neither read nor written`() throws {
    let folder = try ScratchFolder()
    try folder.put(
      StateFormat.magic + [0, UInt8(StateFormat.version)] + [UInt8](repeating: 0, count: StateFormat.byteLimit))
    #expect(throws: StateFileError.tooLarge) { try folder.file.readAny() }
    var random = RandomState(seed: 1)
    var state = random.state(services: 1)
    state.header.resourceVersions["services"] = String(repeating: "7", count: StateFormat.byteLimit)
    try folder.put([])
    #expect(throws: StateFileError.tooLarge) { try folder.file.write(state) }
    #expect(try folder.names == ["state"])
    #expect(try folder.bytes() == [])
  }
}
