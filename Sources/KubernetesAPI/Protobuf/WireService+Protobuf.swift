// Field numbers: k8s.io/api core/v1/generated.proto. Metadata, field 1 of every object, is read by `ObjectMessage`.

extension WireService: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 2: try field.merge(into: &spec, "spec")
    case 3: try field.merge(into: &status, "status")
    default: break
    }
  }
}

extension WireService.Spec: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: try field.append(to: &ports, "ports")
    case 3: clusterIP = try field.string("clusterIP")
    case 4: type = try field.string("type")
    case 5: try field.append(to: &externalIPs, "externalIPs")
    case 7: sessionAffinity = try field.string("sessionAffinity")
    case 9: try field.append(to: &loadBalancerSourceRanges, "loadBalancerSourceRanges")
    case 11: externalTrafficPolicy = try field.string("externalTrafficPolicy")
    case 12: healthCheckNodePort = try field.int32("healthCheckNodePort")
    case 14: try field.merge(into: &sessionAffinityConfig, "sessionAffinityConfig")
    case 18: try field.append(to: &clusterIPs, "clusterIPs")
    case 19: try field.append(to: &ipFamilies, "ipFamilies")
    case 22: internalTrafficPolicy = try field.string("internalTrafficPolicy")
    default: break
    }
  }
}

extension WireService.Port: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: name = try field.string("name")
    case 2: self.protocol = try field.string("protocol")
    case 3: port = try field.int32("port")
    case 5: nodePort = try field.int32("nodePort")
    default: break
    }
  }
}

extension WireService.SessionAffinityConfig: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.merge(into: &clientIP, "clientIP") }
  }
}

extension WireService.ClientIP: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { timeoutSeconds = try field.int32("timeoutSeconds") }
  }
}

extension WireService.Status: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.merge(into: &loadBalancer, "loadBalancer") }
  }
}

extension WireService.LoadBalancer: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.append(to: &ingress, "ingress") }
  }
}

extension WireService.Ingress: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: ip = try field.string("ip")
    case 3: ipMode = try field.string("ipMode")
    default: break
    }
  }
}
