import ServiceModel

/// meta/v1 WatchEvent. If its object cannot be decoded, the event itself is still decoded.
struct WireWatchEvent: Decodable {
  struct Failed {
    var error: any Error
    var identity: WireIdentity?
    var resourceVersion: String
  }

  enum Content {
    case object(WatchEvent.Change, WireObject)
    case undecodable(WatchEvent.Change, Failed)
    case bookmark(WireMetadata)
    case error(APIStatus)
  }

  private struct Bookmark: Decodable {
    var metadata: WireMetadata
  }

  private struct Version: Decodable {
    struct Metadata: Decodable {
      var resourceVersion: String
    }

    var metadata: Metadata
  }

  private enum CodingKeys: String, CodingKey {
    case type, object
  }

  var content: Content

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    if let change = WatchEvent.Change(rawValue: type) {
      do {
        content = .object(change, try container.decode(WireObject.self, forKey: .object))
      } catch {
        let version = try? container.decode(Version.self, forKey: .object)
        content = .undecodable(
          change,
          Failed(
            error: error, identity: try? container.decode(WireIdentity.self, forKey: .object),
            resourceVersion: version?.metadata.resourceVersion ?? ""))
      }
    } else if type == "BOOKMARK" {
      content = .bookmark(try container.decode(Bookmark.self, forKey: .object).metadata)
    } else if type == "ERROR" {
      content = .error(try container.decode(APIStatus.self, forKey: .object))
    } else {
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: container, debugDescription: "\(type.quoted) is not a known type of event")
    }
  }
}
