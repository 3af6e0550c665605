import FoundationEssentials

/// Decodes, defaults and checks one object after the other. Files and the API server's answers go through the same one.
public struct ObjectDecoder {
  let decoder = JSONDecoder()
  private var interner = StringInterner()

  public init() {}

  /// Decodes one object of JSON.
  /// - Parameters:
  ///   - json: one JSON value in UTF-8.
  ///   - impliedKind: the kind of an object that states none, as those in a ServiceList do not.
  ///   - source: where the object is from, for messages.
  /// - Throws: `ObjectFailure.undecodable` for bytes that are no such object, `.invalid` for impossible values.
  public mutating func decode(
    _ json: some Sequence<UInt8>, impliedKind: ResourceKind? = nil, source: ObjectSource
  ) throws(ObjectFailure) -> DecodedObject {
    let data = Data(json)
    decoder.userInfo = impliedKind.map { [WireObject.impliedKind: $0] } ?? [:]
    do {
      return try convert(try decoder.decode(WireObject.self, from: data), source: source)
    } catch let failure as ObjectFailure {
      throw failure
    } catch {
      throw .undecodable(JSONDiagnosis(source: source, object: identity(data, impliedKind)).failure(error))
    }
  }

  private func identity(_ data: Data, _ impliedKind: ResourceKind?) -> ObjectReference? {
    try? decoder.decode(WireIdentity.self, from: data).reference(impliedKind)
  }

  mutating func convert(_ wire: WireObject, source: ObjectSource) throws(ObjectFailure) -> DecodedObject {
    let reference = wire.reference
    var conversion = Conversion(metadata: wire.metadata)
    do throws(FieldProblem) {
      let content = try conversion.content(of: wire.body, apiVersion: wire.apiVersion, interner: &interner)
      return DecodedObject(
        source: source, reference: reference, resourceVersion: wire.metadata.resourceVersion ?? "",
        content: content,
        warnings: conversion.remarks.map {
          ObjectWarning(source: source, object: reference, field: $0.field, message: $0.message)
        })
    } catch {
      throw .invalid(ObjectError(source: source, object: reference, field: error.field, problem: error.problem))
    }
  }
}
