import Foundation
import Logging
import ServiceModel
import Synchronization
import Testing

@testable import HTTPServer
@testable import KubeProxy
@testable import Telemetry
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct LoggingTests {
  private final class Lines: Sendable {
    private let state = Mutex("")
    var text: String { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0 += line } }
  }

  private static let time = Moment(wall: WallTime(nanosecondsSince1970: 1_795_223_275_139_364_792), ticks: 0)

  /// What a logger of this format and verbosity writes.
  private func written(_ format: LogFormat, verbosity: Int = 0, _ body: (Logger) -> Void) -> String {
    let lines = Lines()
    body(
      Logger(label: "test") { _ in
        LineHandler(format: format, verbosity: verbosity, clock: { Self.time }, write: lines.add)
      })
    return lines.text
  }

  @Test func `text lines have klog's form`() {
    let text = written(.text) {
      $0.info(
        "rules synced",
        metadata: ["family": "IPv4", "rules": .stringConvertible(125), "full": .stringConvertible(true)],
        file: "KubeProxy/Sync/FamilySync.swift", line: 42)
      $0.error(
        "no", error: ListenError(address: nil, step: .bind, code: 98), file: "a.swift",
        line: 1)
    }
    #expect(
      text == """
        I1121 01:07:55.139364 \(getpid()) FamilySync.swift:42] "rules synced" family="IPv4" full=true rules=125
        E1121 01:07:55.139364 \(getpid()) a.swift:1] "no" err="listen tcp: bind: address already in use"

        """)
  }

  @Test func `JSON lines have the form of Kubernetes`() throws {
    let text = written(.json, verbosity: 2) {
      $0.debug(
        "rules synced", metadata: ["family": "IPv4", "rules": .stringConvertible(125), "list": ["a", "b"]],
        file: "KubeProxy/Sync/FamilySync.swift", line: 42)
    }
    #expect(
      text == #"{"ts":1795223275139.364,"caller":"FamilySync.swift:42","msg":"rules synced","v":2,"family":"IPv4","#
        + #""list":["a","b"],"rules":125}"# + "\n")
  }

  static let hostile = [
    "x\nI1121 01:07:55.139364 1 a.swift:1] \"forged\"", "x\" forged=\"1", "\\\" forged=\"1", "a\u{2028}b", "a\u{85}b",
    "\u{1b}[2J", "abc\u{202e}def", "\r\n{\"msg\":\"forged\"}", "</script>", "\u{0}",
  ]

  @Test(arguments: hostile) func `no name can forge a line`(_ name: String) throws {
    for format in [LogFormat.text, .json] {
      let text = written(format) { $0.warning("\(name)", metadata: ["service": "\(name)", "\(name)": "1"]) }
      #expect(text.hasSuffix("\n"))
      #expect(text.unicodeScalars.filter(\.isInvisible) == ["\n"])
      if format == .json {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["msg"] as? String == name)
        #expect(object["service"] as? String == name)
      } else {
        #expect(!outsideQuotes(text).contains("forged"))
      }
    }
  }

  private func outsideQuotes(_ line: String) -> String {
    var result = ""
    var isQuoted = false
    var isEscaped = false
    for character in line {
      switch character {
      case "\"" where !isEscaped: isQuoted.toggle()
      default: if !isQuoted { result.append(character) }
      }
      isEscaped = character == "\\" && !isEscaped
    }
    return result
  }

  struct Verbosity: Sendable {
    let verbosity: Int
    let logged: [Logger.Level]
  }

  @Test(arguments: [
    Verbosity(verbosity: 0, logged: [.info, .notice, .warning, .error, .critical]),
    Verbosity(verbosity: 1, logged: [.info, .notice, .warning, .error, .critical]),
    Verbosity(verbosity: 2, logged: [.debug, .info, .notice, .warning, .error, .critical]),
    Verbosity(verbosity: 4, logged: [.debug, .info, .notice, .warning, .error, .critical]),
    Verbosity(verbosity: 5, logged: Logger.Level.allCases),
    Verbosity(verbosity: 10, logged: Logger.Level.allCases),
  ])
  func `verbosity decides what is logged`(_ test: Verbosity) {
    let text = written(.json, verbosity: test.verbosity) { logger in
      for level in Logger.Level.allCases { logger.log(level: level, "\(level)") }
    }
    let logged = Logger.Level.allCases.filter { text.contains("\"msg\":\"\($0)\"") }
    #expect(logged == test.logged)
  }

  @Test func `JSON values are JSON`() throws {
    let value = JSONValue.object([
      .init("a", .array([.null, .bool(true), .int(-3), .number(0.5), .number(.nan), .string("\u{1F600}<&>\u{7f}")])),
      .init("", .object([])),
    ])
    #expect(value.text == #"{"a":[null,true,-3,0.5,null,"😀\u003c\u0026\u003e\u007f"],"":{}}"#)
    #expect(try JSONSerialization.jsonObject(with: Data(value.text.utf8)) is [String: Any])
  }
}
