import APIServerFixture
import Configuration
import Foundation
import HTTP
import Synchronization
import System
import Testing
import Time

@testable import Watcher

/// Credential plugins, run for real and by a counted stand-in.
@Suite(.timeLimit(.minutes(1))) struct ExecPluginTests {
  final class CountingRunner: PluginRunner {
    let runs = Mutex(0)
    let output: @Sendable (Int) -> String
    init(_ output: @escaping @Sendable (Int) -> String) { self.output = output }

    func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String {
      output(
        runs.withLock {
          $0 += 1; return $0
        })
    }
  }

  static func credential(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> String {
    #"{"kind":"\#(kind)","apiVersion":"client.authentication.k8s.io/\#(version)","status":\#(status)}"#
  }

  func source(
    _ runner: CountingRunner, now: @escaping @Sendable () -> Moment = { .distantPast }
  ) -> ExecCredentialSource {
    ExecCredentialSource(
      ExecPlugin(command: "get-token"), connection: APIServerConnection(server: "https://a"), runner: runner, now: now)
  }

  @Test func `a plugin's credential is kept until it expires`() async throws {
    let clock = Mutex(Moment(wall: WallTime(secondsSince1970: 1_000_000_000), ticks: 0))
    let runner = CountingRunner {
      Self.credential(#"{"token":"t\#($0)","expirationTimestamp":"2001-09-09T01:46:50Z"}"#)
    }
    let source = source(runner) { clock.withLock { $0 } }
    #expect(try await source.credential().token == "t1")
    clock.withLock { $0 = $0.advanced(by: .seconds(9)) }
    #expect(try await source.credential().token == "t1")
    clock.withLock { $0 = $0.advanced(by: .seconds(1)) }
    #expect(try await source.credential().token == "t2")
  }

  @Test func `a credential without an expiry is kept until the server refuses it`() async throws {
    let runner = CountingRunner { Self.credential(#"{"token":"t\#($0)"}"#) }
    let source = source(runner)
    #expect(try await source.credential().token == "t1")
    #expect(try await source.credential().token == "t1")
    await source.invalidate()
    #expect(try await source.credential().token == "t2")
  }

  @Test func `many requests at once run the plugin once`() async throws {
    let runner = CountingRunner { Self.credential(#"{"token":"t\#($0)"}"#) }
    let source = source(runner)
    let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<10 { group.addTask { try await source.credential().token } }
      return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(tokens == ["t1"])
    #expect(runner.runs.withLock { $0 } == 1)
  }

  /// Runs until it is cancelled.
  private final class WaitingRunner: PluginRunner {
    let isRunning = Watched(false)
    let isCancelled = Watched(false)

    func run(_ plugin: ExecPlugin, executionInfo: String) async throws(CredentialError) -> String {
      isRunning.withLock { $0 = true }
      await Watched(false).until { $0 }
      isCancelled.withLock { $0 = true }
      return ""
    }
  }

  @Test func `it is cancelled when nobody waits for it any more`() async throws {
    let runner = WaitingRunner()
    let source = ExecCredentialSource(
      ExecPlugin(command: "get-token"), connection: APIServerConnection(server: "https://a"), runner: runner)
    let requests = (0..<2).map { _ in Task { try await source.credential() } }
    await runner.isRunning.until { $0 }
    requests[0].cancel()
    #expect(!runner.isCancelled.withLock { $0 }, "another request waits")
    requests[1].cancel()
    await runner.isCancelled.until { $0 }
    for request in requests { await #expect(throws: CredentialError.self) { try await request.value } }
  }

  @Test(arguments: [
    ("no json", "not JSON"),
    (credential("{}"), "nothing in it"),
    (credential(#"{"token":""}"#), "an empty token"),
    (credential(#"{"clientCertificateData":"x"}"#), "a certificate without its key"),
    (credential(#"{"token":"t"}"#, version: "v1beta1"), "another version than asked for"),
    (credential(#"{"token":"t"}"#, kind: "Secret"), "another kind"),
    (credential(#"{"token":"t","expirationTimestamp":"soon"}"#), "no time"),
    (#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}"#, "no status"),
  ])
  func `output that is not a credential is refused`(_ output: String, _ reason: String) async {
    let runner = CountingRunner { _ in output }
    await #expect(throws: CredentialError.self, "\(reason)") { try await source(runner).credential() }
  }

  @Test(arguments: [
    credential("{}", kind: #"a\u001b[2J\n"#), credential(#"{"token":"t","expirationTimestamp":"\u001b[2J\n"}"#),
  ])
  func `control characters of the output are escaped in messages`(_ output: String) throws {
    let error = #expect(throws: CredentialError.self) { try ExecCredential(output, plugin: ExecPlugin(command: "x")) }
    let message = try #require(error?.description)
    #expect(message.contains("\\u{1B}[2J") && message.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "\(message)")
  }

  @Test func `an expiry time may have fractions of seconds`() throws {
    let output = Self.credential(#"{"token":"t","expirationTimestamp":"2001-09-09T01:46:50.5Z"}"#)
    let expiration = try ExecCredential(output, plugin: ExecPlugin(command: "x")).expiration
    #expect(expiration == WallTime(secondsSince1970: 1_000_000_010.5))
  }

  @Test func `a real command gets its arguments and environment`() async throws {
    let script = """
      case "$KUBERNETES_EXEC_INFO" in
      *'"kind":"ExecCredential","spec":{"interactive":false}'*) told=yes;; *) told="$KUBERNETES_EXEC_INFO";;
      esac
      printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' \
        "$1-$EXTRA-$told"
      """
    let plugin = ExecPlugin(
      command: "sh", arguments: ["-c", script, "sh", "argument"], environment: ["EXTRA": "extra"])
    let connection = APIServerConnection(server: "https://a", credential: .exec(plugin))
    let header = try await CredentialStore(connection).identity().headers["Authorization"]
    #expect(header == "Bearer argument-extra-yes")
  }

  @Test func `cluster information is given where it is asked for`() async throws {
    let plugin = ExecPlugin(
      command: "sh",
      arguments: [
        "-c",
        """
        case "$KUBERNETES_EXEC_INFO" in
        *'"server":"https://a"'*) token=yes;; *) token=no;; esac
        echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$token'"}}'
        """,
      ], provideClusterInfo: true)
    let connection = APIServerConnection(server: "https://a", credential: .exec(plugin))
    #expect(try await CredentialStore(connection).identity().headers["Authorization"] == "Bearer yes")
  }

  @Test func `failures carry command and stderr`() async throws {
    func failure(_ plugin: ExecPlugin) async -> CredentialError? {
      let connection = APIServerConnection(server: "https://a", credential: .exec(plugin))
      do throws(CredentialError) {
        _ = try await CredentialStore(connection).identity()
        return nil
      } catch {
        return error
      }
    }
    let failing = await failure(ExecPlugin(command: "sh", arguments: ["-c", "echo 'not logged in' >&2; exit 3"]))
    guard case .plugin("sh", let reason, "not logged in") = failing else {
      Issue.record("\(String(describing: failing))")
      return
    }
    #expect(reason.contains("3"))
    let missing = await failure(ExecPlugin(command: "no-such-plugin-here", installHint: "install it"))
    #expect(missing == .plugin(command: "no-such-plugin-here", reason: "not found; install it", stderr: ""))
  }

  @Test(arguments: [
    ("kill -9 $$", "signal", "killed"),
    ("sleep 600; echo", "did not end within", "hangs, and so does a child that has its output"),
    ("trap '' TERM INT HUP; while :; do sleep 600; done", "did not end within", "hangs and does not listen"),
    ("yes", "credential plugin sh: ", "prints without end"),
    ("yes >&2", "credential plugin sh: ", "complains without end"),
    ("printf '\\377\\000'", "not an ExecCredential", "bytes"),
    ("exec >&- 2>&-; exit 0", "not an ExecCredential", "nothing"),
  ])
  func `plugins that do not end well`(script: String, words: String, reason: String) async {
    let runner = ProcessPluginRunner(timeout: .milliseconds(300))
    let plugin = ExecPlugin(command: "sh", arguments: ["-c", script])
    let source = ExecCredentialSource(plugin, connection: APIServerConnection(server: "https://a"), runner: runner)
    let error = await #expect(throws: CredentialError.self, "\(reason)") { try await source.credential() }
    #expect(error?.description.contains(words) == true, "\(reason): \(String(describing: error))")
  }
}
