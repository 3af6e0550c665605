import Glibc
import HTTP
import ServiceModel
import System
import Testing

@testable import HTTPServer
@testable import KubeProxy
@testable import StatusPage

/// Pages of a whole cluster are made one at a time, few wait, and none is made for a client that has left.
@Suite(.timeLimit(.minutes(1))) struct PageQueueTests {
  /// Holds the pages that are being made.
  private let gate = Watched(0)
  private let began = Watched(0)

  private func page(_ turns: PageQueue, _ number: Int) -> Task<Int?, Never> {
    Task { [gate, began] in
      let outcome = await turns.take {
        began.withLock { $0 += 1 }
        await gate.until { $0 >= number }
        return number
      }
      if case .made(let page) = outcome { return page }
      return nil
    }
  }

  @Test func `requests beyond the queue's limit are refused`() async {
    let turns = PageQueue(limit: 2)
    let first = page(turns, 1)
    await began.until { $0 == 1 }
    let waiting = [page(turns, 1), page(turns, 1)]
    await turns.waitUntil(waiting: 2)
    let outcome = await turns.take { 9 }
    guard case .refused = outcome else {
      Issue.record("\(outcome)")
      return
    }
    gate.withLock { $0 = 1 }
    for task in [first] + waiting { #expect(await task.value == 1) }
    guard case .made(9) = await turns.take({ 9 }) else {
      Issue.record("there is room again")
      return
    }
  }

  @Test func `a client that leaves frees its place`() async {
    let turns = PageQueue(limit: 1)
    let first = page(turns, 1)
    await began.until { $0 == 1 }
    let second = page(turns, 1)
    await turns.waitUntil(waiting: 1)
    second.cancel()
    #expect(await second.value == nil)
    let third = page(turns, 1)
    await turns.waitUntil(waiting: 1)
    gate.withLock { $0 = 1 }
    #expect(await first.value == 1)
    #expect(await third.value == 1)
    #expect(began.withLock { $0 } == 2, "the second was never begun")
  }

  @Test func `too many requests for the status page get a 503`() async throws {
    let (gate, began) = (gate, began)
    let routes = StatusRoutes(
      snapshot: {
        began.withLock { $0 += 1 }
        await gate.until { $0 > 0 }
        return StatusFixture.snapshot()
      }, turns: PageQueue(limit: 1))
    let request = HTTPRequest(path: "/statusz")
    async let first = routes.handle(request)
    await began.until { $0 == 1 }
    async let second = routes.handle(request)
    await routes.turns.waitUntil(waiting: 1)
    let refused = await routes.handle(request)
    #expect(refused.status == 503)
    #expect(refused.headers["Retry-After"] == "1")
    gate.withLock { $0 = 1 }
    #expect(await [first.status, second.status] == [200, 200])
  }

  @Test func `a client that leaves cancels its request`() async throws {
    let cancelled = Watched(false)
    let (gate, began) = (gate, began)
    let server = try HTTPServer()
    let address = ListenAddress(.address(IPAddress("127.0.0.1")!), port: 0)
    let listener = try server.listen(on: [address]) { _ in
      began.withLock { $0 += 1 }
      await Cancellation.wait()
      cancelled.withLock { $0 = true }
      await gate.waitAnyway { $0 > 0 ? true : nil }
      return .text("too late")
    }
    let file = try #require(TestClient.connect(port: listener.ports[0]))
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    #expect(send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
    await began.until { $0 == 1 }
    close(file)
    await cancelled.until { $0 }
    gate.withLock { $0 = 1 }
    await server.close(listener)
  }

  @Test func `a client that only closed its sending side gets its answer`() async throws {
    let began = began
    let server = try HTTPServer()
    let address = ListenAddress(.address(IPAddress("127.0.0.1")!), port: 0)
    let listener = try server.listen(on: [address]) { _ in
      began.withLock { $0 += 1 }
      await Cancellation.wait()
      return .text("told to hurry")
    }
    let file = try #require(TestClient.connect(port: listener.ports[0]))
    defer { close(file) }
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
    #expect(send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
    await began.until { $0 == 1 }
    shutdown(file, Int32(SHUT_WR))
    let answer = try await OwnThread.run("client") { TestClient.read(file) }
    #expect(answer.hasSuffix("told to hurry"))
    await server.close(listener)
  }
}
