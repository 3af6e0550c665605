import Foundation

/// Services and slices as a cluster's controllers write them, with the fields that a node does not read.
enum WatchedObjects {
  static func service(_ number: Int) throws -> [String: Any] {
    let (name, address) = ("service-\(number)", "10.\(96 + number / 62_500).\(number / 250 % 250).\(number % 250 + 1)")
    return try object(
      """
      {"apiVersion": "v1", "kind": "Service",
       "metadata": {
         "name": "\(name)", "namespace": "default", "labels": {"app": "\(name)"},
         "managedFields": [{
           "manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "v1",
           "time": "2026-11-21T00:45:31Z", "fieldsType": "FieldsV1",
           "fieldsV1": {
             "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
             "f:spec": {
               "f:internalTrafficPolicy": {}, "f:selector": {}, "f:sessionAffinity": {}, "f:type": {},
               "f:ports": {".": {}, "k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}": {
                 ".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}}}}}}]},
       "spec": {
         "type": "ClusterIP", "clusterIP": "\(address)", "clusterIPs": ["\(address)"], "ipFamilies": ["IPv4"],
         "ipFamilyPolicy": "SingleStack", "selector": {"app": "\(name)"}, "sessionAffinity": "None",
         "internalTrafficPolicy": "Cluster",
         "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]},
       "status": {"loadBalancer": {}}}
      """)
  }

  /// - Parameter unready: the index of an endpoint that is not ready.
  static func slice(_ number: Int, endpoints: Int, unready: Int? = nil) throws -> [String: Any] {
    let name = "service-\(number)"
    let list = (0..<endpoints).map { endpoint(name, number, $0, isReady: $0 != unready) }.joined(separator: ",\n")
    return try object(
      """
      {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
       "metadata": {
         "name": "\(name)-x7k2p", "generateName": "\(name)-", "namespace": "default", "generation": 7,
         "labels": {
           "app": "\(name)", "kubernetes.io/service-name": "\(name)",
           "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
         "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": "2026-11-21T00:45:31Z"},
         "managedFields": [{
           "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "discovery.k8s.io/v1",
           "time": "2026-11-21T00:45:31Z", "fieldsType": "FieldsV1",
           "fieldsV1": {
             "f:addressType": {}, "f:endpoints": {}, "f:ports": {},
             "f:metadata": {
               "f:annotations": {".": {}, "f:endpoints.kubernetes.io/last-change-trigger-time": {}},
               "f:generateName": {},
               "f:labels": {
                 ".": {}, "f:app": {}, "f:endpointslice.kubernetes.io/managed-by": {},
                 "f:kubernetes.io/service-name": {}},
               "f:ownerReferences": {".": {}, "k:{\\"uid\\":\\"\(uid(number))\\"}": {}}}}}]},
       "addressType": "IPv4", "endpoints": [\(list)],
       "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}
      """)
  }

  private static func endpoint(_ service: String, _ number: Int, _ index: Int, isReady: Bool) -> String {
    """
    {"addresses": ["10.\(10 + index / 200).\(number % 250).\(index % 200 + 1)"],
     "conditions": {"ready": \(isReady), "serving": \(isReady), "terminating": false},
     "nodeName": "node-\(index)", "zone": "zone-\(index % 3)",
     "targetRef": {
       "kind": "Pod", "namespace": "default", "name": "\(service)-7c9d5b8f6d-\(10_000 + index)", "uid": "\(uid(index))"}}
    """
  }

  private static func uid(_ number: Int) -> String {
    "8c1f6c5e-2d4b-4b6e-9a57-\(String(format: "%012d", number))"
  }

  private static func object(_ json: String) throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return object
  }
}
