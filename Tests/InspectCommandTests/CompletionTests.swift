import Lab
import Testing

/// What the scripts of `--generate-completion-script` complete.
@Suite(.timeLimit(.minutes(5))) struct CompletionTests {
  @Test(arguments: ["bash", "zsh", "fish"]) func `each shell has a completion script`(_ shell: String) async throws {
    let script = try await Program.run(["--generate-completion-script", shell])
    #expect(script.status == 0)
    #expect(script.output.contains("explain"))
  }

  @Test func `bash can read its script`() async throws {
    let script = try await Program.run(["--generate-completion-script", "bash"])
    let parsed = try await Command(["bash", "-n"], input: script.output).result()
    #expect(parsed.status == 0, "\(parsed.errors)")
  }

  @Test(arguments: [
    ("ex", ["explain"]), ("di", ["diff"]), ("explain --man", ["--manifests"]), ("run --cluster-c", ["--cluster-cidr"]),
    ("explain --from o", ["outside"]), ("explain --manifests EXAMPLES --to examples/sho", ["examples/shop"]),
    ("explain --manifests EXAMPLES --to service examples/sho", ["examples/shop"]),
    ("explain --to service --manifests EXAMPLES examples/sho", ["examples/shop"]),
    ("graph --manifests EXAMPLES --service examples/sho", ["examples/shop"]),
  ])
  func `bash completes commands, flags and Services`(_ words: String, _ completions: [String]) async throws {
    let script = #"""
      PATH="$(dirname "$1"):$PATH"
      source <(swift-kube-proxy --generate-completion-script bash)
      COMP_LINE="swift-kube-proxy $2" COMP_POINT=${#COMP_LINE}
      read -ra COMP_WORDS <<< "$COMP_LINE"
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _swift-kube-proxy swift-kube-proxy "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\n' "${COMPREPLY[@]}"
      """#
    let line = words.replacing("EXAMPLES", with: Program.examples)
    let output = try await Command(["bash", "-c", script, "bash", Program.path, line]).run()
    #expect(output.split(separator: "\n").map(String.init) == completions)
  }

  @Test(arguments: ["explain --to", "graph --service"]) func `shells complete names of Services`(_ words: String)
    async throws
  {
    let parts = words.split(separator: " ").map(String.init)
    let result = try await Program.run(
      [
        "---completion", parts[0], "--", parts[1], "5", "0", "swift-kube-proxy", parts[0], "--manifests",
        Program.examples, parts[1],
      ])
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").contains("examples/shop"))
  }
}
