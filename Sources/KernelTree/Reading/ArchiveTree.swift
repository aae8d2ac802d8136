import Archive
import Bytes
import Concurrency
import Patching
import Synchronization
import SystemPackage

/// A tree in an archive, read as one stream; only the files asked for are kept.
final class ArchiveTree: FetchedTree {
    private let source: ArchiveSource
    private let container: ContentIdentity?
    private let isAtTop: Bool
    private let state = Mutex<State>(State())

    private struct State {
        var files: [RelativePath: TreeFile] = [:]
        var fetched: Set<RelativePath> = []
        var names: [RelativePath] = []
    }

    /// - Parameters:
    ///   - source: The archive.
    ///   - container: The file it is in: as long as that is the same, so is every file.
    ///   - isAtTop: Whether the tree is known to be at the archive's top.
    init(_ source: ArchiveSource, in container: FilePath, isAtTop: Bool = false) throws(KernelTreeError) {
        guard Files.isRegular(container) else { throw .missing(path: container) }
        self.source = source
        self.isAtTop = isAtTop
        self.container = ContentIdentity.ofFile(container)
    }

    var isStream: Bool { true }

    func identity(of path: RelativePath) -> ContentIdentity? { container?.member(path) }

    func read(_ path: RelativePath) throws -> TreeFile? {
        try state.withLock { state in
            guard state.fetched.contains(path) else {
                throw KernelTreeError.noKernel(source: source.description, reason: "\(path) was not fetched from it")
            }
            return state.files[path]
        }
    }

    func relatives(of path: RelativePath) -> [RelativePath] {
        path.relatives(among: state.withLock { Array($0.files.keys) })
    }

    func names() -> [RelativePath] { state.withLock { $0.names } }

    func fetch(_ paths: [RelativePath]) async throws {
        let missing = state.withLock { state in paths.filter { !state.fetched.contains($0) } }
        guard !missing.isEmpty else { return }
        var (files, open, names) = try await harvest(missing)
        if !open.isEmpty {
            // Hard links to files that nobody has asked for: another pass.
            let targets = try await harvest(Array(Set(open.values)))
            for (path, target) in open {
                guard let file = targets.files[target] else {
                    throw KernelTreeError.noKernel(
                        source: source.description, reason: "\(path) is a hard link to \(target), which is not in it")
                }
                files[path] = file
            }
        }
        if let container {
            for path in files.keys { files[path]?.identity = container.member(path) }
        }
        let (found, all) = (files, names)
        state.withLock { state in
            state.names = all
            state.files.merge(found) { _, new in new }
            state.fetched.formUnion(missing)
        }
    }

    private func harvest(
        _ paths: [RelativePath]
    ) async throws -> MemberExtractor.Result {
        let (source, isAtTop) = (source, isAtTop)
        return try await BlockingWork.run { cancellation in
            var harvest = MemberExtractor(paths, isAtTop: isAtTop)
            try Archives.forEachEntry(in: source) { entry, content in
                if cancellation.isCancelled { throw KernelTreeError.cancelled(what: "reading \(source)") }
                try harvest.take(entry, content)
                return .next
            }
            return try harvest.result(of: source.description)
        }
    }
}
