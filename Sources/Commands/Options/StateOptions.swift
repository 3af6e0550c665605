import ArgumentParser
import KubeProxy
import KubernetesAPI
import Time

/// The last known state of the cluster, for a start without the API server.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the known state of the cluster in this file, and start from it if the API server does not answer.",
      valueName: "path"), completion: .file())
  var stateFile: String?

  @Option(
    help: ArgumentHelp(
      "How long after the start to wait for the API server before the state file is used.", valueName: "duration"),
    transform: GoDuration.flag)
  var stateAfter = GoDuration(.seconds(10))

  @Option(
    help: ArgumentHelp("A state file that is older is not used.", valueName: "duration"), transform: GoDuration.flag)
  var stateMaxAge = GoDuration(.seconds(86400))

  func validate() throws {
    try PathFlag.check("--state-file", stateFile)
    if stateAfter < .zero { throw ValidationError("--state-after: \(stateAfter) is negative.") }
    if stateMaxAge <= .zero { throw ValidationError("--state-max-age must be more than 0, but it is \(stateMaxAge).") }
  }
}
