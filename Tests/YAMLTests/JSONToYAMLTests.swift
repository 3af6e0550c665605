import Testing

@testable import YAML

@Suite(.timeLimit(.minutes(5))) struct JSONToYAMLTests {
  @Test(arguments: [
    (
      #"{"a":1,"b":[],"c":{},"d":[1,"x",{"e":true}],"f":null}"#,
      "a: 1\nb: []\nc: {}\nd:\n- 1\n- x\n- e: true\nf: null\n"
    ),
    (
      #"["80","true","","~","-","a b","a:b","10.0.0.0/8","/run","x:",":x","1h0m0s","line\nbreak"]"#,
      "- \"80\"\n- \"true\"\n- \"\"\n- \"~\"\n- \"-\"\n- \"a b\"\n- a:b\n- 10.0.0.0/8\n- /run\n- \"x:\"\n- \":x\"\n- 1h0m0s\n"
        + "- \"line\\nbreak\"\n"
    ),
  ])
  func `JSON becomes readable YAML with the same value`(json: String, yaml: String) throws {
    let text = try JSONToYAML.convert(Array(json.utf8))
    #expect(text == yaml)
    #expect(try convert(text) == convert(json))
  }

  @Test
  func `the line ends of YAML 1.1 stay characters of a string`() throws {
    let json = "[\"a\u{85}\",\"\u{2028}b\u{2029}\"]"
    let text = try JSONToYAML.convert(Array(json.utf8))
    #expect(text == #"- "a\N""# + "\n" + #"- "\Lb\P""# + "\n")
    #expect(try String(decoding: convert(text), as: UTF8.self) == json)
  }
}
