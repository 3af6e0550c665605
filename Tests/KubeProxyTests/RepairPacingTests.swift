import Testing

@testable import KubeProxy
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct RepairPacingTests {
  private let start = Moment(wall: .epoch, ticks: 0)

  @Test func `repeated changes are repaired at once, then after growing pauses that do not shrink`() {
    var pacing = RepairPacing()
    var now = start
    var pauses: [Duration] = []
    for _ in 0..<18 {
      // The other answers each repair within a second.
      let pause = pacing.changed(at: now)
      pauses.append(pause)
      now = now.advanced(by: pause + .seconds(1))
    }
    #expect(pauses.prefix(6) == Array(repeating: .zero, count: 6)[...])
    #expect(pauses.dropFirst(6).map(\.inSeconds) == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60])
  }

  @Test func `a change after a quiet minute is repaired at once again`() {
    var pacing = RepairPacing()
    for _ in 0..<20 { _ = pacing.changed(at: start) }
    // The last repair is due a minute after the start.
    #expect(pacing.changed(at: start.advanced(by: .seconds(119))) == .seconds(60))
    #expect(pacing.changed(at: start.advanced(by: .seconds(119 + 60 + 60))) == .zero)
  }
}
