import FoundationEssentials
import Time

/// An Event (events.k8s.io/v1), which people see with `kubectl describe`.
package struct APIEvent: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// The object that an Event is about.
  package struct Regarding: Sendable, Hashable {
    package var kind: String
    package var apiVersion: String
    /// Empty for an object without a namespace.
    package var namespace: String
    package var name: String
    package var uid: String

    package init(kind: String, apiVersion: String = "v1", namespace: String = "", name: String, uid: String = "") {
      self.kind = kind
      self.apiVersion = apiVersion
      self.namespace = namespace
      self.name = name
      self.uid = uid
    }
  }

  package var kind: Kind
  /// The reason for the Event, in one word.
  package var reason: String
  /// The action that was taken, in one word.
  package var action: String
  /// Text for people, at most 1024 bytes (a limit of the API).
  package var note: String
  package var regarding: Regarding

  package init(kind: Kind = .normal, reason: String, action: String, note: String = "", regarding: Regarding) {
    self.kind = kind
    self.reason = reason
    self.action = action
    self.note = note
    self.regarding = regarding
  }
}

extension APIEvent {
  /// The namespace to post to. Events about objects without a namespace are in `default`.
  var namespace: String { regarding.namespace.isEmpty ? "default" : regarding.namespace }

  private struct Document: Encodable {
    struct Metadata: Encodable {
      var name: String
      var namespace: String
    }

    struct Reference: Encodable {
      var kind: String
      var apiVersion: String
      var namespace: String?
      var name: String
      var uid: String?
    }

    var kind = "Event"
    var apiVersion = "events.k8s.io/v1"
    var metadata: Metadata
    var eventTime: String
    var reportingController: String
    var reportingInstance: String
    var action: String
    var reason: String
    var regarding: Reference
    var note: String?
    var type: String
  }

  /// The body of the request. The Event's name consists of the object's name and the time, as in client-go.
  func json(time: WallTime, controller: String, instance: String) -> [UInt8] {
    let microseconds = max(0, time.nanosecondsSince1970) / 1000
    let reference = Document.Reference(
      kind: regarding.kind, apiVersion: regarding.apiVersion, namespace: regarding.namespace.nonEmpty,
      name: regarding.name, uid: regarding.uid.nonEmpty)
    let document = Document(
      metadata: .init(name: "\(regarding.name).\(String(microseconds * 1000, radix: 16))", namespace: namespace),
      eventTime: time.microTime, reportingController: controller, reportingInstance: instance, action: action,
      reason: reason, regarding: reference, note: note.nonEmpty, type: kind.rawValue)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding strings cannot fail.
    return Array(try! encoder.encode(document))
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
