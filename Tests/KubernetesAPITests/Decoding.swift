import Testing

@testable import KubernetesAPI

/// Decodes a Service `default/web` with the given spec.
@discardableResult
func decode(service spec: String, metadata: String = "", status: String = "{}") throws(ObjectFailure) -> DecodedObject {
  let more = metadata.isEmpty ? "" : ", \(metadata)"
  return try decode(
    """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"\(more)},
     "spec": \(spec), "status": \(status)}
    """)
}

/// Decodes a slice `default/web-x` of Service `web` with the given fields.
@discardableResult
func decode(slice fields: String) throws(ObjectFailure) -> DecodedObject {
  try decode(
    """
    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
     "metadata": {"name": "web-x", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}, \(fields)}
    """)
}

@discardableResult
func decode(_ json: String) throws(ObjectFailure) -> DecodedObject {
  var decoder = ObjectDecoder()
  return try decoder.decode(json.utf8, source: ObjectSource(name: "test.json"))
}

/// The field that decoding refuses as impossible; nil if it refuses none.
func fieldOfFailure(_ body: () throws -> Void) -> String? {
  do {
    try body()
  } catch ObjectFailure.invalid(let error) {
    return error.field
  } catch {
    Issue.record("another error: \(error)")
  }
  return nil
}
