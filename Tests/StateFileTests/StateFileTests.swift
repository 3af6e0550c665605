import Foundation
import ServiceModel
import Testing

@testable import StateFile

/// Written states read the same, and files of other programs or users are not changed.
@Suite(.timeLimit(.minutes(5))) struct StateFileTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a state of every kind of object is read as it was written`(_ seed: UInt64) throws {
    var random = RandomState(seed: seed)
    let state = random.state(services: Int(seed))
    let folder = try ScratchFolder()
    let size = try folder.file.write(state)
    #expect(try folder.bytes().count == size)
    #expect(try folder.file.readAny() == state)
  }

  @Test func `the same state makes the same bytes, whatever the order in which it came`() throws {
    var random = RandomState(seed: 3)
    let state = random.state()
    var turned = SavedState(header: state.header, snapshot: ClusterSnapshot())
    for name in state.snapshot.slices.keys.sorted().reversed() {
      for slice in state.snapshot.slices[name]!.values.sorted(by: { $0.name > $1.name }) { turned.snapshot.set(slice) }
      if let service = state.snapshot.services[name] { turned.snapshot.set(service) }
    }
    for service in state.snapshot.services.values { turned.snapshot.set(service) }
    for node in state.snapshot.nodes.values { turned.snapshot.set(node) }
    turned.snapshot.serviceCIDRs = state.snapshot.serviceCIDRs
    let folder = try ScratchFolder()
    try folder.file.write(state)
    let bytes = try folder.bytes()
    try folder.file.write(turned)
    #expect(try folder.bytes() == bytes)
  }

  @Test func `only the owner may read the file, and no temporary file stays`() throws {
    let folder = try ScratchFolder()
    var random = RandomState(seed: 1)
    try folder.file.write(random.state())
    // A temporary file that a killed process left.
    try Data("half".utf8).write(to: URL(filePath: folder.statePath + ".tmp"))
    let state = random.state()
    try folder.file.write(state)
    #expect(try folder.names == ["state"])
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.statePath)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try folder.file.readAny() == state)
  }

  @Test func `a refused header ends the reading`() throws {
    let folder = try ScratchFolder()
    var random = RandomState(seed: 1)
    let state = random.state()
    try folder.file.write(state)
    #expect(throws: StateFileError.otherCluster) {
      try folder.file.read { (header) throws(StateFileError) in
        #expect(header == state.header)
        throw .otherCluster
      }
    }
  }

  @Test func `a missing file is an error of its own`() throws {
    let folder = try ScratchFolder()
    #expect(throws: StateFileError.missing) { try folder.file.readAny() }
    let nowhere = StateFile(path: folder.path + "/none/state")
    #expect(throws: StateFileError.missing) { try nowhere.readAny() }
    var random = RandomState(seed: 1)
    let state = random.state()
    #expect {
      try nowhere.write(state)
    } throws: { error in
      "\(error)" == "open \(folder.path)/none/state.tmp: No such file or directory"
    }
  }

  @Test(arguments: ["root:x:0:0:root:/root:/bin/bash\n", "SKPSTATX and more", "S"])
  func `a file of somebody else is neither read nor overwritten`(_ text: String) throws {
    let folder = try ScratchFolder()
    try folder.put(Array(text.utf8))
    let reason = StateFileError.notOurs("it does not begin with SKPSTATE")
    // A single byte may be the beginning of a state file.
    #expect(throws: text == "S" ? StateFileError.damaged : reason) { try folder.file.readAny() }
    var random = RandomState(seed: 1)
    let state = random.state()
    #expect(throws: reason) { try folder.file.write(state) }
    #expect(try folder.bytes() == Array(text.utf8))
    #expect(try folder.names == ["state"])
  }

  @Test func `links, pipes, folders and files that others may write are not state files`() throws {
    var random = RandomState(seed: 1)
    let state = random.state()
    let folder = try ScratchFolder()
    try folder.file.write(state)
    try FileManager.default.setAttributes([.posixPermissions: 0o622], ofItemAtPath: folder.statePath)
    #expect(throws: StateFileError.notOurs("users other than its owner can write it")) { try folder.file.readAny() }
    #expect(throws: StateFileError.notOurs("users other than its owner can write it")) { try folder.file.write(state) }
    try FileManager.default.createDirectory(atPath: folder.path + "/folder", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.statePath)
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    for (name, problem) in [
      ("folder", "it is not a regular file"), ("pipe", "it is not a regular file"),
      ("link", "Too many levels of symbolic links"),
    ] {
      let file = StateFile(path: folder.path + "/" + name)
      #expect { try file.readAny() } throws: { "\($0)".hasSuffix(problem) }
      #expect { try file.write(state) } throws: { "\($0)".hasSuffix(problem) }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to give a file away"))
  func `a file of another user is not read and not overwritten`() throws {
    var random = RandomState(seed: 1)
    let state = random.state()
    let folder = try ScratchFolder()
    try folder.file.write(state)
    #expect(chown(folder.statePath, 12345, 12345) == 0)
    #expect(throws: StateFileError.notOurs("it belongs to user 12345")) { try folder.file.readAny() }
    #expect(throws: StateFileError.notOurs("it belongs to user 12345")) { try folder.file.write(state) }
  }

  @Test func `the second of two writers gets an error`() throws {
    let folder = try ScratchFolder()
    var random = RandomState(seed: 1)
    let (old, new) = (random.state(), random.state())
    try folder.file.write(old)
    let other = open(folder.statePath + ".tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: StateFileError.busy) { try folder.file.write(new) }
    #expect(try folder.file.readAny() == old)
    #expect(try folder.names == ["state", "state.tmp"], "what the other writes is its own")
    close(other)
    try folder.file.write(new)
    #expect(try folder.file.readAny() == new)
    #expect(try folder.names == ["state"])
  }

  @Test func `an empty file, as a crash may leave, is replaced`() throws {
    var random = RandomState(seed: 1)
    let state = random.state()
    let folder = try ScratchFolder()
    try folder.put([])
    #expect(throws: StateFileError.damaged) { try folder.file.readAny() }
    try folder.file.write(state)
    #expect(try folder.file.readAny() == state)
  }

  @Test func `a cluster's identity is its URL and its authority`() {
    func identity(_ server: String, _ authority: String?) -> ClusterIdentity {
      ClusterIdentity(server: server, certificateAuthority: authority.map { Array($0.utf8) })
    }
    let all = [
      identity("https://a:6443", "x"), identity("https://a:6443", "y"), identity("https://b:6443", "x"),
      identity("https://a:6443", nil), identity("https://a:644", "3x"),
    ]
    #expect(Set(all).count == all.count)
    #expect(identity("https://a:6443", "x") == all[0])
    #expect(all[0].description.count == 12)
  }
}
