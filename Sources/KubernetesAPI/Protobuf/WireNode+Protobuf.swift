// Field numbers: k8s.io/api core/v1/generated.proto.

extension WireNode: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 2: try field.merge(into: &spec, "spec")
    case 3: try field.merge(into: &status, "status")
    default: break
    }
  }
}

extension WireNode.Spec: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: podCIDR = try field.string("podCIDR")
    case 5: try field.append(to: &taints, "taints")
    case 7: try field.append(to: &podCIDRs, "podCIDRs")
    default: break
    }
  }
}

extension WireNode.Taint: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { key = try field.string("key") }
  }
}

extension WireNode.Status: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 5 { try field.append(to: &addresses, "addresses") }
  }
}

extension WireNode.Address: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: type = try field.string("type")
    case 2: address = try field.string("address")
    default: break
    }
  }
}
