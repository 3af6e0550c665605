import Glibc
import KubernetesAPI
import Logging
import System
import Time

/// Reads manifests, sends their content as events, and follows changes.
package struct ManifestFollower: Sendable {
  /// How many readings are discarded because files changed in the meantime. After that, a reading is used anyway.
  private static let retryLimit = 5
  /// The pause before another attempt after errors that end without a change of the files, such as too few file
  /// descriptors, inotify watches or threads.
  private static let retryDelay = Duration.seconds(5)

  private let path: String
  private let storage: any ManifestStorage
  private let changes: any FileChangeFeed
  private let output: ClusterEventChannel
  private let logger: Logger
  private let clock: any MomentClock

  /// - Parameters:
  ///   - path: a file or a directory. `-` is standard input, which is read once.
  ///   - output: receives the events. It is not finished when `run` ends.
  package init(
    path: String, changes: any FileChangeFeed, output: ClusterEventChannel, logger: Logger,
    storage: any ManifestStorage = FileSystem(), clock: any MomentClock = SystemClock()
  ) {
    self.path = path
    self.storage = storage
    self.changes = changes
    self.output = output
    self.logger = logger
    self.clock = clock
  }

  /// Runs until the task is cancelled.
  /// - Throws: `ManifestError` if the manifests cannot be read at the start, `FileError` if they cannot be watched at
  ///   the start, `FileChangesEnded` if they cannot be watched any more. Later failures are logged, the last good state
  ///   stays, and reading is tried again.
  package func run() async throws {
    var state = ManifestFollowState()
    var isFirst = true
    var retries = 0
    while true {
      let generation = changes.generation
      let reading: Result<ManifestContents, ManifestError>
      do {
        if path != "-" { try changes.watch(watchedDirectories()) }
        reading = try await read()
      } catch {
        if isFirst { throw error }
        await perform(state.failed("\(error)"))
        try await pause()
        continue
      }
      switch reading {
      // Files changed in the meantime, so this reading may mix two states.
      case _ where changes.generation != generation && retries < ManifestFollower.retryLimit:
        retries += 1
        continue
      case .success(let contents): await perform(state.read(contents))
      case .failure(let error) where isFirst: throw error
      case .failure(let error):
        await perform(state.failed(error.description))
        if error.isOfTheMoment {
          try await pause()
          continue
        }
      }
      isFirst = false
      retries = 0
      guard await changes.changed(since: generation) else {
        if Task.isCancelled { return }
        throw FileChangesEnded(path: path)
      }
    }
  }

  private func pause() async throws {
    await clock.sleep(for: ManifestFollower.retryDelay)
    try Task.checkCancellation()
  }

  /// The directories of the path and of each file in it, because the files may be symbolic links to other directories.
  private func watchedDirectories() -> DirectoryInterests {
    // If the path cannot be listed now, its directories are still watched.
    let files = (try? ManifestLoader(storage: storage).files(at: path)) ?? []
    return files.reduce(into: WatchedDirectories.of(path, in: storage)) {
      $0.add(WatchedDirectories.of($1, in: storage))
    }
  }

  /// Reading blocks, so it runs on its own thread.
  private func read() async throws -> Result<ManifestContents, ManifestError> {
    let loader = ManifestLoader(storage: storage)
    let path = path
    return try await OwnThread.run("manifests") {
      do throws(ManifestError) {
        return .success(try loader.load(path))
      } catch {
        return .failure(error)
      }
    }
  }

  private func perform(_ actions: [ManifestFollowState.Action]) async {
    for action in actions {
      switch action {
      case .send(let events): await output.send(events)
      case .warn(let warnings): for warning in warnings { logger.warning("\(warning)") }
      case .leaveOut(let failures):
        for failure in failures { logger.error("object is not valid and is ignored: \(failure)") }
      case .keep(let reasons):
        for reason in reasons { logger.error("the manifests have errors; the rules stay unchanged: \(reason)") }
      case .recovered: logger.info("manifests can be read again", metadata: ["path": "\(path)"])
      }
    }
  }
}

extension ManifestError {
  /// Whether the error may disappear without a change of the files.
  fileprivate var isOfTheMoment: Bool {
    guard case .file(let error) = self else { return false }
    return [EMFILE, ENFILE, ENOMEM, EIO, ESTALE, ETIMEDOUT].contains(error.code)
  }
}
