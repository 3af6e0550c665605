/// Values of objects in the order of their definitions, of which each object has at most one.
struct Definitions<Value: Equatable & Sendable>: Sendable {
  /// nil in the place of a definition that was removed. To close the gap would take a time that grows with the number
  /// of definitions.
  private var slots: [Value?] = []
  private var places: [ObjectReference: Int] = [:]

  var values: [Value] { slots.compactMap { $0 } }

  /// Adds a value that does not replace another one.
  mutating func append(_ value: Value) { slots.append(value) }

  mutating func set(_ value: Value, for object: ObjectReference) {
    remove(object)
    places[object] = slots.count
    slots.append(value)
  }

  /// Returns false if the object has no definition.
  @discardableResult
  mutating func remove(_ object: ObjectReference) -> Bool {
    guard let place = places.removeValue(forKey: object) else { return false }
    slots[place] = nil
    return true
  }
}

extension Definitions: Equatable {
  static func == (left: Definitions, right: Definitions) -> Bool { left.values == right.values }
}
