import ServiceModel
import Testing

@testable import KubeProxy
@testable import Shadow
@testable import Time

/// The delay is 10 seconds. Times are seconds.
@Suite(.timeLimit(.minutes(5))) struct ShadowScheduleTests {
  private static func at(_ second: Int64) -> Moment {
    Moment(wall: WallTime(nanosecondsSince1970: second * 1_000_000_000), ticks: second * 1_000_000_000)
  }

  private static func name(_ text: String) -> NamespacedName { NamespacedName(namespace: "lab", name: text)! }
  private static let (web, shop) = (name("web"), name("shop"))

  /// The comparison that is due.
  private static func look(_ schedule: inout ShadowSchedule, at second: Int64) throws -> ShadowSchedule.Look {
    let look = schedule.takeLook(at: at(second))
    return try #require(look)
  }

  /// After the first comparison, which took `seconds`.
  private static func started(took seconds: Int64 = 0, readsParts: Bool = true) throws -> ShadowSchedule {
    var schedule = ShadowSchedule(delay: .seconds(10), readsParts: readsParts)
    #expect(schedule.next == nil)
    schedule.changedGenerally(at: at(0))
    #expect(schedule.next == at(10))
    #expect(schedule.takeLook(at: at(9)) == nil)
    let look = try Self.look(&schedule, at: 10)
    #expect(look == .init(isWhole: true, services: []))
    schedule.ended(look, at: at(10 + seconds), cost: .seconds(seconds), recheck: nil)
    return schedule
  }

  @Test func `without a change the kernel is compared each minute`() throws {
    var schedule = try Self.started()
    #expect(schedule.next == Self.at(70))
    #expect(schedule.takeLook(at: Self.at(70))?.isWhole == true)
    #expect(schedule.next == Self.at(130))
  }

  @Test func `a change is compared after the delay`() throws {
    var schedule = try Self.started()
    schedule.changed([Self.web], at: Self.at(20))
    schedule.changed([Self.shop], at: Self.at(25))
    #expect(schedule.isUnsettled(Self.web, at: Self.at(29)))
    #expect(!schedule.isUnsettled(nil, at: Self.at(29)))
    #expect(schedule.next == Self.at(30))
    let look = try Self.look(&schedule, at: 30)
    #expect(look.services == [Self.web])
    #expect(!schedule.isUnsettled(Self.web, at: Self.at(30)))
    #expect(schedule.isUnsettled(Self.shop, at: Self.at(30)))
    schedule.ended(look, at: Self.at(30), cost: .zero, recheck: nil)
    #expect(schedule.next == Self.at(35))
  }

  @Test func `a Service that keeps changing is compared when it rests`() throws {
    var schedule = try Self.started()
    for second in Int64(20)...40 { schedule.changed([Self.web], at: Self.at(second)) }
    #expect(schedule.takeLook(at: Self.at(41)) == nil)
    #expect(schedule.next == Self.at(50))
    #expect(schedule.takeLook(at: Self.at(50))?.services == [Self.web])
  }

  @Test func `a difference is compared again after the delay, when it can be confirmed`() throws {
    var schedule = try Self.started()
    let look = try Self.look(&schedule, at: 70)
    schedule.ended(look, at: Self.at(70), cost: .zero, recheck: Self.at(80))
    #expect(schedule.next == Self.at(80))
    let second = try Self.look(&schedule, at: 80)
    schedule.ended(second, at: Self.at(80), cost: .zero, recheck: nil)
    #expect(schedule.next == Self.at(140))
  }

  @Test func `each kind of comparison takes at most a hundredth of the time`() throws {
    var schedule = try Self.started(took: 4)
    schedule.changed([Self.web], at: Self.at(20))
    let part = try Self.look(&schedule, at: 30)
    #expect(part == .init(isWhole: false, services: [Self.web]))
    schedule.ended(part, at: Self.at(31), cost: .seconds(1), recheck: Self.at(40))
    #expect(schedule.next == Self.at(31 + 99))
    // 10 + 4 + 99 * 4
    let next = try Self.look(&schedule, at: 410)
    #expect(next.isWhole)
  }

  @Test func `where parts cannot be read, changes wait for the next whole comparison`() throws {
    var schedule = try Self.started(took: 4, readsParts: false)
    schedule.changed([Self.web], at: Self.at(20))
    #expect(schedule.next == Self.at(410))
    #expect(schedule.takeLook(at: Self.at(409)) == nil)
    #expect(schedule.takeLook(at: Self.at(410)) == .init(isWhole: true, services: [Self.web]))
  }

  @Test func `the Services of a failed comparison are compared next time`() throws {
    var schedule = try Self.started()
    schedule.changed([Self.web], at: Self.at(20))
    let look = try Self.look(&schedule, at: 30)
    schedule.failed(look)
    schedule.ended(look, at: Self.at(30), cost: .zero, recheck: nil)
    #expect(schedule.next == Self.at(90))
    #expect(schedule.takeLook(at: Self.at(90))?.services == [Self.web])
  }

  @Test func `after a change that affects all rules, nothing is reported during the delay`() throws {
    var schedule = try Self.started()
    schedule.changedGenerally(at: Self.at(20))
    #expect(schedule.isUnsettled(nil, at: Self.at(20)) && schedule.isUnsettled(Self.web, at: Self.at(29)))
    #expect(!schedule.isUnsettled(nil, at: Self.at(30)))
    #expect(schedule.next == Self.at(30))
  }
}
