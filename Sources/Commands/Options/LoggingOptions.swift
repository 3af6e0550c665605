import ArgumentParser
import Configuration
import KubernetesAPI
import Time

/// Flags of logging. They override the configuration file, so that `-v 5` can be added to any command line.
struct LoggingOptions: ParsableArguments {
  @Option(
    name: [.customShort("v"), .customLong("v")],
    help: ArgumentHelp(
      "How much is logged: 0 for operators (default), 2 to find a fault, 5 for everything.",
      valueName: "level"))
  var verbosity: Int?

  @Option(help: ArgumentHelp("The format of log lines: text (default) or json.", valueName: "format"))
  var loggingFormat: String?

  @Option(help: ArgumentHelp("Levels for single source files.", valueName: "pattern=level,…", visibility: .hidden))
  var vmodule: VModuleList?

  @Option(
    help: ArgumentHelp("Accepted without effect; lines are written at once.", visibility: .hidden),
    transform: GoDuration.flag)
  var logFlushFrequency: GoDuration?

  func apply(to flags: inout FlagApplication) {
    flags.set("v", verbosity, "logging.verbosity", \.logging.verbosity)
    flags.set("logging-format", loggingFormat, "logging.format", \.logging.format)
    flags.set("vmodule", vmodule?.modules, "logging.vmodule", \.logging.vmodule)
    flags.set(
      "log-flush-frequency", logFlushFrequency.map { KubeProxyConfiguration.FlushFrequency($0) },
      "logging.flushFrequency", \.logging.flushFrequency)
  }
}
