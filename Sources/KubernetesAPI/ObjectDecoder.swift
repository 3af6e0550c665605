import FoundationEssentials

/// Decodes and checks objects, and applies the API's defaults. Files and the API server's answers use the same decoder.
package struct ObjectDecoder {
  let decoder = JSONDecoder()
  private var interner = StringInterner()

  package init() {}

  /// Decodes one object of JSON.
  /// - Parameters:
  ///   - json: one JSON value in UTF-8.
  ///   - impliedKind: the kind of an object that has no kind of its own, such as an item of a ServiceList.
  ///   - source: the origin of the object, for messages.
  /// - Throws: `ObjectFailure.undecodable` if the bytes are not such an object, `.invalid` if a value is not valid.
  package mutating func decode(
    _ json: some Sequence<UInt8>, impliedKind: ResourceKind? = nil, source: ObjectSource
  ) throws(ObjectFailure) -> DecodedObject {
    try decode(Data(json), impliedKind: impliedKind, source: source)
  }

  mutating func decode(
    _ data: Data, impliedKind: ResourceKind? = nil, source: ObjectSource
  ) throws(ObjectFailure) -> DecodedObject {
    decoder.userInfo = impliedKind.map { [WireObject.impliedKind: $0] } ?? [:]
    var mender = JSONMender()
    do {
      let wire = try decoder.decode(WireObject.self, from: data, mender: &mender)
      return try convert(wire, mistyped: mender.values, source: source)
    } catch let failure as ObjectFailure {
      throw failure
    } catch {
      throw .undecodable(JSONDiagnosis(source: source, object: identity(data, impliedKind)).failure(error))
    }
  }

  private func identity(_ data: Data, _ impliedKind: ResourceKind?) -> ObjectReference? {
    try? decoder.decode(WireIdentity.self, from: data).reference(impliedKind)
  }

  /// - Parameter mistyped: values of a wrong type that were removed and are not in `wire`.
  mutating func convert(
    _ wire: WireObject, mistyped: [MistypedValue] = [], source: ObjectSource
  ) throws(ObjectFailure) -> DecodedObject {
    let reference = wire.reference
    var conversion = Conversion(metadata: wire.metadata, mistyped: mistyped)
    do throws(FieldProblem) {
      var content = try conversion.content(of: wire.body, apiVersion: wire.apiVersion, interner: &interner)
      let remarks = conversion.remarks
      content.note(remarks.map(\.description))
      return DecodedObject(
        source: source, reference: reference, resourceVersion: wire.metadata.resourceVersion ?? "",
        content: content,
        warnings: remarks.map {
          ObjectWarning(source: source, object: reference, field: $0.field, message: $0.message)
        }, unservedAddresses: conversion.unservedAddresses)
    } catch {
      let error = conversion.explained(error)
      throw .invalid(ObjectError(source: source, object: reference, field: error.field, problem: error.problem))
    }
  }
}
