import ArgumentParser

/// Flags for actions that replace running as a daemon.
struct ActionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Remove all rules of kube-proxy and of this program, and exit.", valueName: "bool"))
  var cleanup: FlagBool?

  @Option(
    help: ArgumentHelp(
      "Set the sysctls, which needs full privileges, and exit. Afterwards CAP_NET_ADMIN is enough.", valueName: "bool"))
  var initOnly: FlagBool?

  @Option(
    help: ArgumentHelp("Write the configuration in force to a file, and exit.", valueName: "file"),
    completion: .file())
  var writeConfigTo: String?

  var cleansUp: Bool { cleanup?.value ?? false }
  var onlyInitializes: Bool { initOnly?.value ?? false }

  func validate() throws { try PathFlag.check("--write-config-to", writeConfigTo) }
}
