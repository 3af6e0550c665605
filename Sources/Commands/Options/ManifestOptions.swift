import ArgumentParser

/// Where the cluster's objects come from, if not from the API server.
struct ManifestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take Services, EndpointSlices and Nodes from a file or a directory of YAML or JSON; '-' is standard input.",
      valueName: "path"), completion: .file())
  var manifests: String?

  func validate() throws { try PathFlag.check("--manifests", manifests) }
}
