import ServiceModel

/// The kinds of objects that a service proxy reads.
package enum ResourceKind: String, Hashable, Sendable, CaseIterable {
  case service = "Service"
  case endpointSlice = "EndpointSlice"
  case node = "Node"
  case serviceCIDR = "ServiceCIDR"
}

/// The origin of an object, for messages: a file with its document, item and line, or a request.
package struct ObjectSource: Hashable, Sendable {
  /// A path, `standard input`, or the path of a request.
  package var name: String
  /// The document in a file, counted from 1; nil for a request.
  package var document: Int?
  /// The position in a list's `items`, counted from 1; nil for an object that is not in a list.
  package var item: Int?
  /// The first line of the object, counted from 1.
  package var line: Int?

  package init(name: String, document: Int? = nil, item: Int? = nil, line: Int? = nil) {
    self.name = name
    self.document = document
    self.item = item
    self.line = line
  }
}

extension ObjectSource: CustomStringConvertible {
  /// `services.yaml:12 (document 2, item 5)`.
  package var description: String {
    var text = name.printable
    if let line { text += ":\(line)" }
    let places = [document.map { "document \($0)" }, item.map { "item \($0)" }].compactMap { $0 }
    return places.isEmpty ? text : "\(text) (\(places.joined(separator: ", ")))"
  }
}

/// Kind, namespace and name as stated by an object. They are not validated, so use them only in messages.
package struct ObjectReference: Hashable, Sendable {
  package var kind: String
  /// Empty for objects without a namespace.
  package var namespace: String
  package var name: String

  package init(kind: String, namespace: String = "", name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }
}

extension ObjectReference: CustomStringConvertible {
  /// For example `Service default/web`. Unprintable characters are escaped.
  package var description: String {
    let full = namespace.isEmpty ? name : "\(namespace)/\(name)"
    return "\(kind.isEmpty ? "object" : kind.printable) \(full.isEmpty ? "without a name" : full.printable)"
  }
}
