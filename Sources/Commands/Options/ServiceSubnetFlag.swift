import ArgumentParser
import Configuration
import KubernetesAPI

/// A list of blocks, or `auto`: as the cluster's ServiceCIDR objects say.
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
