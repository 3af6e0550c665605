// From Kubernetes' generated.proto files.
extension ProtobufSchema {
  static let metadata = ProtobufSchema([
    "name": .value(1), "generateName": .value(2), "namespace": .value(3), "selfLink": .value(4), "uid": .value(5),
    "resourceVersion": .value(6), "generation": .count(7), "creationTimestamp": Field(number: 8, kind: .time),
    "deletionTimestamp": Field(number: 9, kind: .time), "labels": .map(11), "annotations": .map(12),
    "managedFields": .message(
      17,
      ProtobufSchema([
        "manager": .value(1), "operation": .value(2), "apiVersion": .value(3), "time": Field(number: 4, kind: .time),
        "fieldsType": .value(6), "fieldsV1": Field(number: 7, kind: .fields), "subresource": .value(8),
      ])),
  ])

  static let listMetadata = ProtobufSchema([
    "selfLink": .value(1), "resourceVersion": .value(2), "continue": .value(3), "remainingItemCount": .number(4),
  ])

  static let status = ProtobufSchema([
    "metadata": .message(1, listMetadata), "status": .value(2), "message": .value(3), "reason": .value(4),
    "details": .message(5, ProtobufSchema(["name": .value(1), "kind": .value(3), "retryAfterSeconds": .count(5)])),
    "code": .count(6),
  ])

  private static let object = ProtobufSchema(["metadata": .message(1, metadata)])
  private static let condition = ProtobufSchema(["type": .value(1), "status": .value(2), "reason": .value(5)])

  static let service = object.with([
    "spec": .message(2, serviceSpec),
    "status": .message(
      3,
      ProtobufSchema([
        "loadBalancer": .message(
          1,
          ProtobufSchema([
            "ingress": .message(1, ProtobufSchema(["ip": .value(1), "hostname": .value(2), "ipMode": .text(3)]))
          ]))
      ])),
  ])

  private static let serviceSpec = ProtobufSchema([
    "ports": .message(
      1,
      ProtobufSchema([
        "name": .value(1), "protocol": .value(2), "port": .count(3), "targetPort": Field(number: 4, kind: .intOrString),
        "nodePort": .count(5), "appProtocol": .text(6),
      ])),
    "selector": .map(2), "clusterIP": .value(3), "type": .value(4), "externalIPs": .text(5),
    "sessionAffinity": .value(7), "loadBalancerIP": .value(8), "loadBalancerSourceRanges": .text(9),
    "externalName": .value(10), "externalTrafficPolicy": .value(11), "healthCheckNodePort": .count(12),
    "publishNotReadyAddresses": .flag(13),
    "sessionAffinityConfig": .message(
      14, ProtobufSchema(["clientIP": .message(1, ProtobufSchema(["timeoutSeconds": .number(1)]))])),
    "ipFamilyPolicy": .text(17), "clusterIPs": .text(18), "ipFamilies": .text(19),
    "allocateLoadBalancerNodePorts": .flag(20), "loadBalancerClass": .text(21), "internalTrafficPolicy": .text(22),
  ])

  static let endpointSlice = object.with([
    "endpoints": .message(
      2,
      ProtobufSchema([
        "addresses": .text(1),
        "conditions": .message(2, ProtobufSchema(["ready": .flag(1), "serving": .flag(2), "terminating": .flag(3)])),
        "hostname": .text(3),
        "targetRef": .message(
          4, ProtobufSchema(["kind": .value(1), "namespace": .value(2), "name": .value(3), "uid": .value(4)])),
        "nodeName": .text(6), "zone": .text(7),
        "hints": .message(
          8,
          ProtobufSchema([
            "forZones": .message(1, ProtobufSchema(["name": .value(1)])),
            "forNodes": .message(2, ProtobufSchema(["name": .value(1)])),
          ])),
      ])),
    "ports": .message(
      3, ProtobufSchema(["name": .text(1), "protocol": .text(2), "port": .number(3), "appProtocol": .text(4)])),
    "addressType": .value(4),
  ])

  static let node = object.with([
    "spec": .message(
      2,
      ProtobufSchema([
        "podCIDR": .value(1), "providerID": .value(3), "unschedulable": .flag(4),
        "taints": .message(5, ProtobufSchema(["key": .value(1), "value": .value(2), "effect": .value(3)])),
        "podCIDRs": .text(7),
      ])),
    "status": .message(
      3,
      ProtobufSchema([
        "conditions": .message(4, condition),
        "addresses": .message(5, ProtobufSchema(["type": .value(1), "address": .value(2)])),
      ])),
  ])

  static let serviceCIDR = object.with([
    "spec": .message(2, ProtobufSchema(["cidrs": .text(1)])),
    "status": .message(3, ProtobufSchema(["conditions": .message(1, condition)])),
  ])

  private static let kinds: [String: ProtobufSchema] = [
    "Service": service, "EndpointSlice": endpointSlice, "Node": node, "ServiceCIDR": serviceCIDR, "Status": status,
  ]

  /// The schema of a kind or of a list of it. For an unknown kind the schema has only metadata.
  static func of(_ kind: String) -> ProtobufSchema {
    if let schema = kinds[kind] { return schema }
    guard kind.hasSuffix("List"), let items = kinds[String(kind.dropLast(4))] else { return object }
    return ProtobufSchema(["metadata": .message(1, listMetadata), "items": .message(2, items)])
  }
}
