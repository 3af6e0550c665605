import Glibc
import ServiceModel

// A process of its own for the tests of the state file:
//
//     state-writer write FILE 0|1                          writes two states in turn until it is killed
//     state-writer measure FILE FAMILY SERVICES ENDPOINTS  writes one state, and prints its size and the memory for it
let arguments = CommandLine.arguments
switch arguments.count > 2 ? arguments[1] : "" {
case "write": Writing.run(arguments[2], first: Int(arguments[3])!)
case "measure":
  try Measuring.run(
    arguments[2], arguments[3] == "ipv4" ? .ipv4 : .ipv6, services: Int(arguments[4])!, endpoints: Int(arguments[5])!)
default: exit(2)
}
