import ArgumentParser
import KubeProxy
import KubernetesAPI
import Time

/// Comparing the rules of another proxy with the plan, without writing any.
struct ShadowOptions: ParsableArguments {
  @Flag(
    help: """
      Write nothing: plan the rules, compare them with those that another proxy keeps in the kernel, and report what \
      differs. Serves health and metrics on ports that are 100 higher than the configured ones.
      """)
  var shadow = false

  @Option(
    help: ArgumentHelp(
      "How long the other proxy may take to write a change before a difference counts.", valueName: "duration"),
    transform: GoDuration.flag)
  var shadowDelay = GoDuration(.seconds(10))

  /// nil unless the mode is on.
  var settings: ShadowSettings? { shadow ? ShadowSettings(delay: shadowDelay.duration) : nil }

  func validate() throws {
    if shadowDelay < .zero { throw ValidationError("--shadow-delay: \(shadowDelay) is negative.") }
  }
}
