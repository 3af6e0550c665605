import Glibc
import ServiceModel
import Testing

@testable import Applier

@Suite("Programs by their names", .timeLimit(.minutes(5)))
struct IPTablesProgramsTests {
  @Test
  func `a program whose name has the backend is preferred, and the plain name is used if it is the only one`() throws {
    let directory = "/tmp/kpa-programs-\(getpid())"
    mkdir(directory, 0o700)
    defer {
      for name in ["iptables-restore", "iptables-nft-restore"] { unlink("\(directory)/\(name)") }
      rmdir(directory)
    }
    let programs = IPTablesPrograms(.nft, directories: [directory])
    #expect(programs.commandLine(.ipv4, .restore, []) == nil)
    close(open("\(directory)/iptables-restore", O_CREAT | O_WRONLY, 0o700))
    #expect(programs.commandLine(.ipv4, .restore, ["-n"]) == ["\(directory)/iptables-restore", "-n"])
    #expect(!programs.areInstalled)
    close(open("\(directory)/iptables-nft-restore", O_CREAT | O_WRONLY, 0o700))
    #expect(programs.commandLine(.ipv4, .restore, []) == ["\(directory)/iptables-nft-restore"])
    #expect(programs.areInstalled)
  }
}
