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
  let families = ["ipv4": IPFamily.ipv4, "ipv6": .ipv6]
  guard let family = families[arguments[3]] else { exit(2) }
  try Measuring.run(arguments[2], family, services: Int(arguments[4])!, endpoints: Int(arguments[5])!)
default: exit(2)
}
