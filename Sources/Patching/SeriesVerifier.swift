import Bytes
import Synchronization

/// A series that is applied to one tree after the other; what the trees share is done once.
///
/// A group of files that has the same content in a second tree has the same outcome there: its reports are taken over.
public final class SeriesVerifier: Sendable {
    private let parsed: [ParsedPatch]
    private let reversed: [Bool]
    private let groups: FileGroups
    private let policy: PlacementPolicy
    private let workers: Int
    private let options: ApplicationOptions
    private let known: Mutex<[Int: Known]>
    private let reused = Mutex(0)

    /// What a group read, and what came out.
    private struct Known: Sendable {
        var inputs: [RelativePath: Input]
        var result: FileOwner.Result
    }

    /// A file as a group has read it.
    private struct Input: Sendable {
        var identity: ContentIdentity?
        var digest: Digest?
        var kind: TreeFileKind?
        var permissions: UInt16
    }

    /// Takes a series apart.
    /// - Throws: ``PatchError``.
    public init(
        patches: [PatchInput], policy: PlacementPolicy = .standard, workers: Int = 1,
        options: ApplicationOptions = ApplicationOptions(buildsChanges: false)
    ) throws {
        parsed = try Parallel.map(count: patches.count, workers: workers) { index in
            try ParsedPatch.parse(
                patches[index].blob, name: patches[index].name, strip: patches[index].strip, reading: policy.reading)
        }
        reversed = patches.map(\.reverse)
        groups = FileGroups(parsed, reversed: reversed)
        self.policy = policy
        self.workers = workers
        self.options = options
        known = Mutex([:])
    }

    /// How many groups of files did not have to be patched again so far.
    public var reusedGroups: Int { reused.withLock { $0 } }

    /// What becomes of the series on a tree.
    /// - Throws: What the tree throws.
    public func verify(_ tree: any TreeReading) throws -> SeriesReport {
        let results = try Parallel.map(count: groups.entries.count, workers: workers) { [self] index in
            try result(of: index, on: tree)
        }
        return SeriesApplication.assemble(parsed, reversed, groups, results, tree, options).report
    }

    private func result(of index: Int, on tree: any TreeReading) throws -> FileOwner.Result {
        let recorder = RecordingTree(tree)
        if let known = known.withLock({ $0[index] }), try known.inputs.allSatisfy({ try isSame($1, $0, recorder) }) {
            reused.withLock { $0 += 1 }
            return known.result
        }
        var owner = FileOwner(parsed: parsed, reversed: reversed, tree: recorder, policy: policy, options: options)
        let result = try owner.run(groups.entries[index])
        var inputs: [RelativePath: Input] = [:]
        for (path, file) in recorder.files {
            inputs[path] = Input(
                identity: try tree.identity(of: path), digest: file?.content.digest, kind: file?.kind,
                permissions: file?.permissions ?? 0)
        }
        known.withLock { $0[index] = Known(inputs: inputs, result: result) }
        return result
    }

    private func isSame(_ input: Input, _ path: RelativePath, _ tree: RecordingTree) throws -> Bool {
        if let identity = input.identity, try tree.identity(of: path) == identity { return true }
        guard let file = try tree.read(path) else { return input.kind == nil }
        return file.kind == input.kind && file.permissions == input.permissions && file.content.digest == input.digest
    }
}

/// A tree that remembers what was read of it.
private final class RecordingTree: TreeReading {
    private let tree: any TreeReading
    private let recorded = Mutex<[RelativePath: TreeFile?]>([:])

    init(_ tree: any TreeReading) { self.tree = tree }

    var files: [RelativePath: TreeFile?] { recorded.withLock { $0 } }

    func read(_ path: RelativePath) throws -> TreeFile? {
        if let known = recorded.withLock({ $0[path] }) { return known }
        let file = try tree.read(path)
        recorded.withLock { $0[path] = .some(file) }
        return file
    }

    func identity(of path: RelativePath) throws -> ContentIdentity? { try tree.identity(of: path) }

    func relatives(of path: RelativePath) -> [RelativePath] { tree.relatives(of: path) }
}

extension Blob {
    /// The SHA-256 of the bytes.
    var digest: Digest? {
        var hash = DigestStream(.sha256)
        withUnsafeBytes { hash.update($0) }
        return Digest(hex: hash.finish())
    }
}
