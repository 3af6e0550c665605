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
    state.snapshot.set(Service(name: name, clusterIPs: [], ports: []))
    let folder = try ScratchFolder()
    try folder.file.write(state)
    #expect {
      try folder.file.readAny()
    } throws: { error in
      if case StateFileError.malformed = error { true } else { false }
    }
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
