import KubernetesAPI
import Time

extension Reflector {
  /// Reads a list, or one page of it. Each item is decoded as it arrives.
  func readList(_ body: any HTTPBody, _ format: APIFormat) async throws(ReflectorFailure) {
    var reader = APIListReader(of: resource, format: format, source: resource.path)
    var bytes: [UInt8] = []
    while try await read(body, into: &bytes) {
      var items: [Result<DecodedObject, ObjectFailure>] = []
      do throws(DecodingFailure) {
        try reader.consume(&bytes, decoder: &decoder) { items.append($0) }
      } catch {
        throw .decoding(error)
      }
      for item in items { take(item) }
    }
    let end: APIListMetadata
    do throws(DecodingFailure) {
      end = try reader.finish(decoder: decoder)
    } catch {
      throw .decoding(error)
    }
    let continuing = end.continueToken.isEmpty ? nil : end.continueToken
    await feed(.endOfPage(resourceVersion: end.resourceVersion, continuing: continuing))
  }

  /// A watch that lasted at least this long did not fail because of its request or its answer.
  private static var enduring: Duration { .seconds(10) }

  /// Reads a watch until it ends or the machine wants another step.
  func readWatch(_ body: any HTTPBody, _ format: APIFormat) async throws(ReflectorFailure) {
    let start = environment.clock.now()
    func noteEnd() { if start.duration(to: environment.clock.now()) >= Self.enduring { handle(.endured) } }
    do throws(ReflectorFailure) {
      guard try await readEvents(body, format) else { return }
    } catch {
      noteEnd()
      throw error
    }
    noteEnd()
    await feed(.ended)
  }

  /// Returns true if the stream ended, false if the machine wants another step.
  private func readEvents(_ body: any HTTPBody, _ format: APIFormat) async throws(ReflectorFailure) -> Bool {
    var reader = WatchEventReader(format: format, source: resource.path)
    var bytes: [UInt8] = []
    while try await read(body, into: &bytes) {
      var events: [WatchEvent] = []
      var failure: DecodingFailure?
      do throws(DecodingFailure) {
        try reader.consume(&bytes, decoder: &decoder) { events.append($0) }
      } catch {
        failure = error
      }
      for event in events {
        take(event)
        if nextStep != nil {
          await output.flush(machine)
          return false
        }
      }
      if let failure { throw .decoding(failure) }
      await output.flush(machine)
      if machine.phase == .watching { body.setIdleTimeout(environment.watchIdleTimeout) }
    }
    guard reader.isBetweenEvents else { throw .truncated }
    return true
  }

  private func read(_ body: any HTTPBody, into bytes: inout [UInt8]) async throws(ReflectorFailure) -> Bool {
    do throws(HTTPError) {
      return try await body.read(into: &bytes)
    } catch {
      throw .transport(error)
    }
  }

  private func take(_ item: Result<DecodedObject, ObjectFailure>) {
    switch item {
    case .success(let object): handle(.item(ObjectMetadata(object), checked(object)))
    case .failure(let failure):
      output.rejected(failure)
      if let reference = failure.object { handle(.item(ObjectMetadata(reference, resourceVersion: ""), nil)) }
    }
  }

  private func take(_ event: WatchEvent) {
    switch event {
    case .change(.deleted, let object):
      output.forget(object.reference)
      handle(.deleted(ObjectMetadata(object)))
    case .change(_, let object): handle(.changed(ObjectMetadata(object), checked(object)))
    case .rejected(let change, let failure, let version):
      output.rejected(failure)
      guard let reference = failure.object else { return }
      let metadata = ObjectMetadata(reference, resourceVersion: version)
      handle(change == .deleted ? .deleted(metadata) : .changed(metadata, nil))
    case .bookmark(let version, let endsInitialEvents):
      handle(.bookmark(resourceVersion: version, endsInitialEvents: endsInitialEvents))
    case .error(let status): handle(.failed(.errorEvent(status)))
    }
  }

  /// The object if it concerns a service proxy. Its warnings are logged.
  private func checked(_ object: DecodedObject) -> WatchedObject? {
    output.warn(object)
    return WatchedObject(object)
  }
}

extension ObjectMetadata {
  init(_ object: DecodedObject) { self.init(object.reference, resourceVersion: object.resourceVersion) }
}
