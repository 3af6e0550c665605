/// Services as the API server writes them.
enum ServiceJSON {
  static func text(_ name: String, clusterIP: String = "10.200.1.10", version: String? = nil) -> String {
    let version = version.map { #","resourceVersion":"\#($0)""# } ?? ""
    return """
      {"apiVersion":"v1","kind":"Service","metadata":{"name":"\(name)","namespace":"default"\(version)},\
      "spec":{"clusterIP":"\(clusterIP)","clusterIPs":["\(clusterIP)"],"type":"ClusterIP",\
      "ports":[{"port":80,"protocol":"TCP"}]}}
      """
  }
}
