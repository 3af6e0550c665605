import HTTP
import Synchronization
import System
import Testing

@testable import Watcher

/// Back-pressure, and the ways in which an answer can end.
@Suite(.timeLimit(.minutes(5))) struct TransferChannelTests {
  final class Calls: Sendable {
    let room = Mutex(0)
    let cancels = Mutex(0)
  }

  static func channel(limit: Int = 8, calls: Calls = Calls()) -> TransferChannel {
    TransferChannel(
      idleTimeout: .seconds(1), limit: limit, onRoom: { calls.room.withLock { $0 += 1 } },
      onCancel: { calls.cancels.withLock { $0 += 1 } })
  }

  static func offer(_ bytes: [UInt8], to channel: TransferChannel) -> Bool {
    bytes.withUnsafeBytes { channel.offer($0) }
  }

  @Test func `a slow reader pauses the transfer`() async throws {
    let calls = Calls()
    let channel = Self.channel(calls: calls)
    #expect(Self.offer([1, 2, 3, 4, 5], to: channel))
    #expect(!Self.offer([6, 7, 8, 9], to: channel), "nine bytes are more than eight")
    #expect(channel.isPaused)
    #expect(try await channel.next() == [1, 2, 3, 4, 5])
    #expect(calls.room.withLock { $0 } == 1)
    #expect(!channel.isPaused)
    #expect(Self.offer([6, 7, 8, 9], to: channel))
    #expect(try await channel.next() == [6, 7, 8, 9])
    #expect(calls.room.withLock { $0 } == 1, "it was not paused in between")
  }

  @Test func `a piece larger than the limit passes alone`() async throws {
    let channel = Self.channel(limit: 2)
    #expect(Self.offer([1, 2, 3], to: channel))
    #expect(!Self.offer([4], to: channel))
    #expect(try await channel.next() == [1, 2, 3])
  }

  @Test func `new bytes are appended to those that the reader keeps`() async throws {
    let calls = Calls()
    let channel = Self.channel(calls: calls)
    var bytes: [UInt8] = Array(repeating: 7, count: 20)
    let reading = Task { () throws(HTTPError) in
      var bytes: [UInt8] = Array(repeating: 7, count: 20)
      #expect(try await channel.read(into: &bytes))
      return bytes
    }
    // Bytes that the reader keeps do not count against the limit, whether it waits already or comes later.
    #expect(Self.offer([1, 2, 3, 4, 5], to: channel))
    #expect(try await reading.value == bytes + [1, 2, 3, 4, 5])
    #expect(Self.offer([6], to: channel))
    #expect(try await channel.read(into: &bytes))
    #expect(bytes == Array(repeating: 7, count: 20) + [6])
    channel.finish(.success(()))
    #expect(try await !channel.read(into: &bytes))
    #expect(bytes == Array(repeating: 7, count: 20) + [6], "at the end the reader has what it kept")
  }

  @Test func `what arrived before the end is read`() async throws {
    let channel = Self.channel()
    _ = Self.offer([1], to: channel)
    channel.finish(.failure(.cut(detail: "reset")))
    #expect(try await channel.next() == [1])
    await #expect(throws: HTTPError.cut(detail: "reset")) { try await channel.next() }
  }

  @Test func `a request for the head after a failure gets the failure`() async {
    let channel = Self.channel()
    channel.finish(.failure(.noAnswer(after: .seconds(1))))
    await #expect(throws: HTTPError.noAnswer(after: .seconds(1))) { try await channel.head() }
  }

  @Test func `cancelling the reader ends the transfer`() async {
    let calls = Calls()
    let channel = Self.channel(calls: calls)
    let reader = Task { () throws(HTTPError) in try await channel.next() }
    reader.cancel()
    await #expect(throws: HTTPError.cancelled) { try await reader.value }
    #expect(calls.cancels.withLock { $0 } >= 1)
  }

  enum Step: CaseIterable { case head, body, goodEnd, badEnd, cancel }

  /// An answer's head, its body, its end and its cancellation can come in any order. A reader of head and body is
  /// resumed exactly once each time. A second resumption would trap, and a missing one would block the test.
  @Test(.timeLimit(.minutes(1)), arguments: Self.orders(of: Step.allCases), [0, 2, 5])
  func `events in every order resume the reader once`(steps: [Step], readsAfter: Int) async {
    let channel = Self.channel()
    let isReading = Watched(false)
    let reader = Task { () -> (head: Result<Int, HTTPError>, body: [UInt8]) in
      await isReading.waitAnyway { $0 ? true : nil }
      var (head, body): (Result<Int, HTTPError>, [UInt8]) = (.failure(.cancelled), [])
      do throws(HTTPError) {
        head = .success(try await channel.head().status)
        while let piece = try await channel.next() { body += piece }
      } catch {
        if case .failure = head { head = .failure(error) }
      }
      return (head, body)
    }
    for (number, step) in steps.enumerated() {
      if number == readsAfter { isReading.withLock { $0 = true } }
      switch step {
      case .head: channel.begin(TransferChannel.Head(status: 200, headers: [:]))
      case .body: _ = Self.offer([7], to: channel)
      case .goodEnd: channel.finish(.success(()))
      case .badEnd: channel.finish(.failure(.cut(detail: "reset")))
      case .cancel: reader.cancel()
      }
    }
    isReading.withLock { $0 = true }
    let (head, body) = await reader.value
    let possible: [Result<Int, HTTPError>] = [
      .success(200), .failure(.cut(detail: "no answer")), .failure(.cut(detail: "reset")), .failure(.cancelled),
    ]
    #expect(possible.contains(head))
    #expect(body == [] || body == [7])
  }

  private static func orders(of steps: [Step]) -> [[Step]] {
    guard steps.count > 1 else { return [steps] }
    return steps.indices.flatMap { index in
      orders(of: steps.enumerated().filter { $0.offset != index }.map(\.element)).map { [steps[index]] + $0 }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a reader that asks after an end without a head gets the error`() async {
    let channel = Self.channel()
    channel.finish(.success(()))
    await #expect(throws: HTTPError.cut(detail: "no answer")) { try await channel.head() }
  }

  @Test func `a transfer ends when its channel is released`() {
    let calls = Calls()
    _ = Self.channel(calls: calls)
    #expect(calls.cancels.withLock { $0 } == 1)
  }
}
