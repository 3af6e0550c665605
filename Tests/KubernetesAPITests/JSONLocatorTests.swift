import ServiceModel
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct JSONLocatorTests {
  private static let text = """
    {
      "metadata": {"name": "a", "labels": {"kubernetes.io/x": "y"}},
      "spec": {
        "ports": [
          {"port": 1},
          {"port": 2,
           "nodePort": 3}
        ]
      }
    }
    """

  @Test(arguments: [
    ("metadata.name", 1), ("spec", 2), ("spec.ports[0].port", 4), ("spec.ports[1].nodePort", 6), ("spec.ports[2]", 3),
    ("spec.ports[1].none", 5), ("metadata.labels[kubernetes.io/x]", 1), ("", 0), ("nothing", 0),
  ])
  func `lines of fields`(field: String, line: Int) {
    #expect(JSONLocator(Array(Self.text.utf8)).line(of: field) == line)
  }

  @Test(
    arguments: [
      ("{}", nil, ""), (#" {"a": [1, -2.5e3, true, null, "\"x"]} "#, nil, ""), ("{", 1, "a string is missing"),
      (#"{"a" 1}"#, 5, "':' is missing"), (#"{"a": nope}"#, 6, "\"nope\" is not a valid value"),
      ("[1 2]", 3, "',' is missing"),
      ("[1,]", 3, "a value is missing"), (#"["a]"#, 1, "a string is not closed"),
      ("[\"a\n\"]", 3, "a string is not closed"),
      (#"["\\\/\u00e4\ud800", 0, -0.5E+3, 1e400, 10]"#, nil, ""), (#"["a\q"]"#, 3, #""\q" is not a valid escape"#),
      (#"["\u12"]"#, 2, #""\u12" is not a valid escape"#), ("[\"\\", 1, "a string is not closed"),
      ("[007]", 1, "\"007\" is not a valid value"), ("[1.]", 1, "\"1.\" is not a valid value"),
      ("[1e]", 1, "\"1e\" is not a valid value"), ("[-]", 1, "\"-\" is not a valid value"),
      ("[0x1p3]", 1, "\"0x1p3\" is not a valid value"),
      ("{} {}", 3, "something follows the value"), ("", 0, "a value is missing"),
      (String(repeating: "[", count: 600), 512, "is nested too deep"),
    ] as [(String, Int?, String)])
  func `where text stops being JSON`(text: String, offset: Int?, problem: String) {
    let error = JSONLocator(Array(text.utf8)).syntaxError()
    #expect(error == offset.map { JSONLocator.SyntaxError(offset: $0, problem: problem) })
  }
}
