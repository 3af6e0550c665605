import KubernetesAPI

/// Files with Kubernetes objects, in YAML and in JSON.
extension FuzzReader {
  package static let manifest = FuzzReader("manifest", words: manifestWords) { (bytes) throws(Finding) in
    let whole = try contents(OneFile(bytes: bytes, arrivesInPieces: false))
    for service in whole.services { try RuleInput.check(service) }
    for slice in whole.slices { try RuleInput.check(slice) }
    for failure in whole.failures { try checkMessage(failure.description) }
    for warning in whole.warnings { try checkMessage(warning.description) }
    try require(
      whole == contents(OneFile(bytes: bytes, arrivesInPieces: true)),
      "a file in pieces differs from the same file in one")
  }

  private static func contents(_ file: OneFile) throws(Finding) -> ManifestContents {
    do throws(ManifestError) {
      return try ManifestLoader(storage: file).load(OneFile.path)
    } catch {
      throw Finding("a file that can be read is refused: \(error)")
    }
  }

  private static let manifestWords = [
    "\n---\n", "\n- ", ": ", "\n  ", "kind: Service\n", "kind: List\n", "kind: ServiceList\n", "kind: EndpointSlice\n",
    "kind: Node\n", "kind: ServiceCIDR\n", "apiVersion: v1\n", "apiVersion: discovery.k8s.io/v1\n",
    "apiVersion: networking.k8s.io/v1\n", "metadata:", "name: ", "namespace: ", "labels:", "spec:", "items:", "ports:",
    "port: 80", "endpoints:", "addresses:", "addressType: IPv4\n", "<<: *a", "&a ", "\"items\":[",
    "{\"kind\":\"List\",",
  ]
}
