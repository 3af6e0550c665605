import Doubles
import ServiceModel
import Testing

@testable import Applier

@Suite("Sysctls from the configuration", .timeLimit(.minutes(5)))
struct KernelSettingsTests {
  @Test(arguments: [
    // maxPerCore, min, cores, before, after
    [32768, 131072, 2, 65536, 131072], [32768, 131072, 8, 65536, 262144], [32768, 131072, 2, 999999, 999999],
    [0, 131072, 8, 65536, 65536],
  ])
  func `nf_conntrack_max follows the cores, with a floor, and is never lowered`(numbers: [Int]) throws {
    var settings = KernelSettings()
    settings.conntrackMaxPerCore = numbers[0]
    settings.conntrackMin = numbers[1]
    let sysctls = MemorySysctls([.conntrackMax: numbers[3], .conntrackHashSize: 16384])
    _ = settings.apply(to: sysctls, cores: numbers[2])
    #expect(try sysctls.read(.conntrackMax) == numbers[4])
  }

  @Test
  func `the hash table grows with nf_conntrack_max`() throws {
    var settings = KernelSettings()
    settings.conntrackMaxPerCore = 131072
    let sysctls = MemorySysctls([.conntrackMax: 65536, .conntrackHashSize: 16384])
    _ = settings.apply(to: sysctls, cores: 2)
    #expect(try sysctls.read(.conntrackHashSize) == 65536)
  }

  @Test
  func `only requested values are set, and a value that is already right is not written`() throws {
    var settings = KernelSettings()
    settings.tcpEstablishedTimeout = 86400
    settings.udpTimeout = 0
    settings.routeLocalnet = true
    let sysctls = MemorySysctls([.conntrackTCPEstablished: 432000, .conntrackUDP: 30, .routeLocalnet: 1])
    let report = settings.apply(to: sysctls, cores: 1)
    #expect(report.changes == [.init(name: .conntrackTCPEstablished, old: 432000, new: 86400)])
    #expect(try sysctls.read(.conntrackUDP) == 30)
    #expect(KernelSettings().apply(to: sysctls, cores: 1) == KernelSettingsReport())
  }

  @Test
  func `a read-only sysctl is reported and does not prevent the others`() throws {
    var settings = KernelSettings()
    settings.tcpCloseWaitTimeout = 3600
    settings.udpStreamTimeout = 150
    let sysctls = MemorySysctls([.conntrackTCPCloseWait: 60], readOnly: [.conntrackTCPCloseWait])
    let report = settings.apply(to: sysctls, cores: 1)
    #expect(report.failures.map(\.name) == [.conntrackTCPCloseWait])
    #expect(try sysctls.read(.conntrackUDPStream) == 150)
  }
}
