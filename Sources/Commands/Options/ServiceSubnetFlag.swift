import ArgumentParser
import Configuration
import KubernetesAPI

/// A list of blocks, or `auto` for the blocks of the cluster's ServiceCIDR objects.
struct ServiceSubnetFlag: ExpressibleByArgument {
  let subnets: ServiceSubnets

  init?(argument: String) {
    if argument == "auto" {
      subnets = .cluster
    } else {
      guard let list = CIDRList(argument: argument) else { return nil }
      subnets = .flag(list.cidrs)
    }
  }
}
