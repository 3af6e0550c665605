import ServiceModel

/// Services default/s1, default/s2, …: number N has cluster IP 10.96.0.N and endpoint 10.10.0.N.
enum NumberedObjects {
  static func name(_ number: Int) -> NamespacedName { NamespacedName(namespace: "default", name: "s\(number)")! }

  static func service(_ number: Int) -> Service {
    let port = ServicePortName(service: name(number), port: "", transport: .tcp)!
    return Service(
      name: name(number), clusterIPs: [IPAddress("10.96.0.\(number)")!], ports: [Service.Port(name: port, port: 80)])
  }

  static func slice(_ number: Int, _ address: String? = nil) -> EndpointSlice {
    EndpointSlice(
      name: name(number), service: name(number), family: .ipv4, ports: [.init(name: "", port: 8080)],
      endpoints: [Endpoint(address: IPAddress(address ?? "10.10.0.\(number)")!)])
  }
}
