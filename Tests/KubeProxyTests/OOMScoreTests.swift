import Glibc
import Logging
import Testing

@testable import KubeProxy
@testable import Telemetry

struct OOMScoreTests {
  @Test("Only a failure that is no lack of privilege is logged at the default level")
  func levels() {
    #expect(OOMScore.level(for: EACCES) == .debug)
    #expect(OOMScore.level(for: EPERM) == .debug)
    #expect(OOMScore.level(for: ENOENT) == .info)
    #expect(LogVerbosity.level(0) > OOMScore.level(for: EACCES))
    #expect(LogVerbosity.level(0) <= OOMScore.level(for: ENOENT))
  }
}
