import Glibc
import ServiceModel

/// An address of a network interface with the length of its prefix.
package struct InterfaceAddress: Sendable, Hashable {
  package let interface: String
  package let address: IPAddress
  package let prefixLength: Int

  package init(interface: String, address: IPAddress, prefixLength: Int) {
    self.interface = interface
    self.address = address
    self.prefixLength = prefixLength
  }

  /// The addresses of the calling thread's network namespace, of both families, in the kernel's order (getifaddrs(3)).
  ///
  /// Empty if the kernel does not list them; it always has at least a loopback interface.
  package static func all() -> [InterfaceAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var result: [InterfaceAddress] = []
    var next = list
    while let entry = next {
      if let address = ip(entry.pointee.ifa_addr) {
        let mask = ip(entry.pointee.ifa_netmask)
        result.append(
          InterfaceAddress(
            interface: String(cString: entry.pointee.ifa_name), address: address,
            prefixLength: mask?.bits.nonzeroBitCount ?? address.family.addressBits))
      }
      next = entry.pointee.ifa_next
    }
    return result
  }

  private static func ip(_ address: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
    guard let address else { return nil }
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        IPAddress(family: .ipv4, bits: UInt128(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
      }
    case AF_INET6:
      return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        let bits = withUnsafeBytes(of: $0.pointee.sin6_addr) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        return IPAddress(family: .ipv6, bits: bits)
      }
    default: return nil
    }
  }
}
