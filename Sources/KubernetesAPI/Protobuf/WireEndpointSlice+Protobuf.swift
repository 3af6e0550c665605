// Field numbers: k8s.io/api discovery/v1/generated.proto.

extension WireEndpointSlice: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 2: try field.append(to: &endpoints, "endpoints")
    case 3: try field.append(to: &ports, "ports")
    case 4: addressType = try field.string("addressType")
    default: break
    }
  }
}

extension WireEndpointSlice.Endpoint: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: try field.append(to: &addresses, "addresses")
    case 2: try field.merge(into: &conditions, "conditions")
    case 6: nodeName = try field.string("nodeName")
    case 8: try field.merge(into: &hints, "hints")
    default: break
    }
  }
}

extension WireEndpointSlice.Conditions: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: ready = try field.bool("ready")
    case 2: serving = try field.bool("serving")
    case 3: terminating = try field.bool("terminating")
    default: break
    }
  }
}

extension WireEndpointSlice.Hints: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: try field.append(to: &forZones, "forZones")
    case 2: try field.append(to: &forNodes, "forNodes")
    default: break
    }
  }
}

extension WireEndpointSlice.Named: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    if field.number == 1 { name = try field.string("name") }
  }
}

extension WireEndpointSlice.Port: ProtobufMessage {
  mutating func take(_ field: ProtobufField) throws(ProtobufError) {
    switch field.number {
    case 1: name = try field.string("name")
    case 2: self.protocol = try field.string("protocol")
    case 3: port = try field.int32("port")
    default: break
    }
  }
}
