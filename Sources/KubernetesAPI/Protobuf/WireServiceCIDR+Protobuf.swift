// Field numbers: k8s.io/api networking/v1/generated.proto; those of v1beta1 are the same.

extension WireServiceCIDR: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 2: try field.merge(into: &spec, "spec")
    case 3: try field.merge(into: &status, "status")
    default: break
    }
  }
}

extension WireServiceCIDR.Spec: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.append(to: &cidrs, "cidrs") }
  }
}

extension WireServiceCIDR.Status: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { try field.append(to: &conditions, "conditions") }
  }
}

extension WireServiceCIDR.Condition: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: type = try field.string("type")
    case 2: status = try field.string("status")
    default: break
    }
  }
}
