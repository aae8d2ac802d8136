import Host
import KernelTree
import Patching
import Synchronization

/// Whether patches fit the files at a commit. What was tried with the same contents is known.
struct BreakJudge {
    private let history: BreakHistory
    private let git: GitRepository
    private let policy: PlacementPolicy
    /// For each patch its files, and what it and the earlier patches do to these.
    private let parts: [(paths: [RelativePath], patches: [ParsedPatch], reversed: [Bool])]
    private var contents: [String: Blob] = [:]
    private var known: [[[Int32]: SeriesReport]]

    init(
        _ history: BreakHistory, _ parsed: [ParsedPatch], _ reversed: [Bool], _ policy: PlacementPolicy,
        _ git: GitRepository
    ) {
        self.history = history
        self.git = git
        self.policy = policy
        let names = parsed.map { Set(FirstBreakSearch.paths(of: $0)) }
        parts = parsed.indices.map { index in
            let earlier = (0..<index).filter { !names[$0].isDisjoint(with: names[index]) }
            return (
                names[index].sorted(), earlier.map { parsed[$0].restricted(to: names[index]) } + [parsed[index]],
                (earlier + [index]).map { reversed[$0] }
            )
        }
        known = parsed.map { _ in [:] }
    }

    /// What decides whether a patch fits at a commit.
    func key(_ patch: Int, at commit: Int) -> [Int32] { parts[patch].paths.map { history.state($0, at: commit) } }

    /// Reads the contents that some answers need.
    mutating func fetch(_ questions: [(patch: Int, commit: Int)]) async throws {
        var wanted: Set<String> = []
        for (patch, commit) in questions {
            let key = key(patch, at: commit)
            if known[patch][key] != nil { continue }
            for number in key where number > 0 {
                let name = history.objects[Int(number)].name
                if contents[name] == nil { wanted.insert(name) }
            }
        }
        for (name, content) in try await git.blobs(wanted.sorted()) { contents[name] = content }
    }

    /// Whether a patch fits.
    mutating func fits(_ patch: Int, at commit: Int) throws -> Bool {
        try report(patch, at: commit).patches.last?.verdict.isGood == true
    }

    /// The first file of a patch that does not fit.
    mutating func failingFile(_ patch: Int, at commit: Int) throws -> String? {
        let report = try report(patch, at: commit)
        return report.failures.last { $0.patchIndex == report.patches.count - 1 }?.file.string
    }

    private mutating func report(_ patch: Int, at commit: Int) throws -> SeriesReport {
        let key = key(patch, at: commit)
        if let report = known[patch][key] { return report }
        var tree = MemoryTree()
        for (path, number) in zip(parts[patch].paths, key) where number > 0 {
            let object = history.objects[Int(number)]
            guard let content = contents[object.name] else { continue }
            let isLink = object.mode & 0o170000 == 0o120000
            tree.files[path] = TreeFile(
                kind: isLink ? .symbolicLink : .regular, permissions: UInt16(truncatingIfNeeded: object.mode & 0o777),
                content: content)
        }
        var (patches, reversed) = (parts[patch].patches, parts[patch].reversed)
        while true {
            let report = try SeriesApplication.run(
                parsed: patches, reversed: reversed, on: tree, policy: policy,
                options: ApplicationOptions(buildsChanges: false)
            ).report
            // An earlier patch that does not fit, or that upstream has taken over, has a finding of its own; this one is
            // judged without the files of it that do not fit.
            let failed = report.patches.indices.dropLast().filter {
                !report.patches[$0].verdict.isApplied && report.patches[$0].verdict != .skipped
            }
            guard let first = failed.first else {
                known[patch][key] = report
                return report
            }
            let unfit = Set(report.failures.filter { $0.patchIndex == first }.map(\.file))
            let rest = patches[first].restricted(
                to: Set(FirstBreakSearch.paths(of: patches[first])).subtracting(unfit))
            if rest.files.isEmpty || rest.files.count == patches[first].files.count {
                patches.remove(at: first)
                reversed.remove(at: first)
            } else {
                patches[first] = rest
            }
        }
    }
}

extension PlacementVerdict {
    /// Whether the patch does what it is to do there.
    fileprivate var isGood: Bool { isApplied }
}

extension GitRepository {
    /// Contents by their names.
    func blobs(_ names: [String]) async throws -> [(name: String, content: Blob)] {
        guard !names.isEmpty else { return [] }
        let bytes = Mutex<[UInt8]>([])
        let ended = try await command(["cat-file", "--batch"]).feed(Array(names.map { $0 + "\n" }.joined().utf8)) {
            (piece) in bytes.withLock { $0.append(contentsOf: piece) }
        }
        let output = bytes.withLock { $0 }
        var found: [(name: String, content: Blob)] = []
        var at = 0
        for name in names {
            // `NAME blob SIZE`, a line end, the content, a line end.
            guard let end = output[at...].firstIndex(of: 10) else { break }
            let words = String(decoding: output[at..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[1] == "blob", let size = Int(words[2]), end + 1 + size < output.count else {
                break
            }
            found.append((name, Blob(Array(output[(end + 1)..<(end + 1 + size)]))))
            at = end + size + 2
        }
        guard ended.succeeded, found.count == names.count else {
            throw KernelTreeError.damagedRepository(repository: path, reason: "git cat-file ended with \(ended)")
        }
        return found
    }
}
