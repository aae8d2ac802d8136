import Host
import KernelTree
import Patching
import Synchronization
import SystemPackage

/// The commits of a range as far as they change some files, with the content of these files at each: from objects, without
/// a checkout.
///
/// 1. `git log --raw` tells what each commit changes against its first parent. It is read whole: to let git choose by some
///    thousand paths takes it minutes.
/// 2. Commits that change none of the files are left out, and their children get their parents, as `git log --parents`
///    does; so are merges of which only one parent is left.
/// 3. The content of a file at a commit is that at its first parent with what the commit changes.
/// 4. Before the range it is that of the first revision with what `git diff-tree` tells.
struct BreakHistory: Sendable {
    /// A commit.
    struct Commit: Sendable {
        let revision: BreakFinding.Revision
        /// The places of its parents; all lower than its own.
        let parents: [Int]
        /// For each parent the commit itself: that, or one that comes from it and changes none of the files.
        let parentRevisions: [BreakFinding.Revision]
        /// Whether it lies before the range: an ancestor of the first revision, or that itself.
        let isBoundary: Bool
    }

    /// The commits, parents first.
    let commits: [Commit]
    /// The place of the last revision.
    let end: Int
    /// For each file the names of its content at each commit: indices of ``objects``; 0 where there is no file.
    private let states: [RelativePath: [Int32]]
    /// The contents: git's name and the file's mode. The first stands for none.
    let objects: [(name: String, mode: UInt32)]

    /// The content of a file at a commit, as an index of ``objects``.
    func state(_ path: RelativePath, at commit: Int) -> Int32 { states[path]?[commit] ?? 0 }

    /// Reads a range.
    /// - Throws: `KernelTreeError`, `HostError`.
    init(_ git: GitRepository, good: String, bad: String, paths: [RelativePath]) async throws {
        let log = Mutex(Log(Set(paths)))
        let ended = try await git.lines(
            [
                "-c", "core.quotePath=false", "log", "--boundary", "--topo-order", "--reverse", "--raw", "--no-abbrev",
                "--no-renames", "--diff-merges=first-parent", "--no-color",
                "--format=%x01%m%x01%H%x01%T%x01%P%x01%ad%x01%an%x01%s", "--date=short", good + ".." + bad, "--",
            ]
        ) { line in log.withLock { $0.take(line) } }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: "git log ended with \(ended)")
        }
        var all = log.withLock { $0.finish() }
        // Where nothing is between them, or everything is on branches, the first revision is not told.
        if !all.contains(where: { $0.revision.commit == good }) { all.append(try await Self.entry(git, good)) }
        if all.contains(where: { !$0.isBoundary && $0.parents.isEmpty && $0.revision.commit != good }),
            try await git.command(["rev-parse", "--is-shallow-repository"]).capture().text.hasPrefix("true")
        {
            throw PortingError.shallow(repository: git.path)
        }
        let revisions = Dictionary(
            all.map { ($0.revision.commit, $0.revision) }, uniquingKeysWith: { first, _ in first })
        let entries = Self.reduced(all, keeping: bad)
        let places = Dictionary(
            entries.enumerated().map { ($1.revision.commit, $0) }, uniquingKeysWith: { first, _ in first })
        commits = entries.map { entry in
            let parents = entry.isBoundary ? [] : zip(entry.parents, entry.origins).filter { places[$0.0] != nil }
            return Commit(
                revision: entry.revision, parents: parents.compactMap { places[$0.0] },
                parentRevisions: parents.map { revisions[$0.1] ?? entries[places[$0.0] ?? 0].revision },
                isBoundary: entry.isBoundary)
        }
        end = places[bad] ?? entries.count - 1

        var objects: [(name: String, mode: UInt32)] = [("", 0)]
        var numbers: [String: Int32] = [:]
        func number(_ name: String, _ mode: UInt32) -> Int32 {
            if mode == 0 { return 0 }
            let key = "\(mode) \(name)"
            if let known = numbers[key] { return known }
            let number = Int32(objects.count)
            objects.append((name, mode))
            numbers[key] = number
            return number
        }
        let first = try await Self.contents(git, good, entries.filter(\.isBoundary), Set(paths))
        var states: [RelativePath: [Int32]] = [:]
        for path in paths {
            var row = [Int32](repeating: 0, count: entries.count)
            for (place, entry) in entries.enumerated() {
                if entry.isBoundary {
                    if let (name, mode) = first[entry.revision.commit]?[path] { row[place] = number(name, mode) }
                } else if let change = entry.changes[path] {
                    row[place] = number(change.name, change.mode)
                } else if let parent = commits[place].parents.first {
                    row[place] = row[parent]
                }
            }
            states[path] = row
        }
        self.states = states
        self.objects = objects
    }

    /// One commit by itself, as one before the range.
    private static func entry(_ git: GitRepository, _ commit: String) async throws -> Log.Entry {
        let log = Mutex(Log([]))
        _ = try await git.lines(
            ["log", "-1", "--format=%x01-%x01%H%x01%T%x01%P%x01%ad%x01%an%x01%s", "--date=short", commit]
        ) { line in log.withLock { $0.take(line) } }
        guard let entry = log.withLock({ $0.finish() }).first else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: "git log does not tell \(commit)")
        }
        return entry
    }

    /// Leaves out what changes nothing; those before the range come first, and parents before their children.
    private static func reduced(_ entries: [Log.Entry], keeping bad: String) -> [Log.Entry] {
        var stands: [String: String] = [:]
        var kept = entries.filter(\.isBoundary)
        for entry in kept { stands[entry.revision.commit] = entry.revision.commit }
        for var entry in entries where !entry.isBoundary {
            var (parents, origins): ([String], [String]) = ([], [])
            for origin in entry.parents {
                guard let parent = stands[origin], !parents.contains(parent) else { continue }
                parents.append(parent)
                origins.append(origin)
            }
            if entry.changes.isEmpty, parents.count == 1, entry.revision.commit != bad {
                stands[entry.revision.commit] = parents[0]
                continue
            }
            (entry.parents, entry.origins) = (parents, origins)
            stands[entry.revision.commit] = entry.revision.commit
            kept.append(entry)
        }
        return kept
    }

    /// What the files are at commits before the range.
    private static func contents(
        _ git: GitRepository, _ good: String, _ entries: [Log.Entry], _ paths: Set<RelativePath>
    ) async throws -> [String: [RelativePath: (name: String, mode: UInt32)]] {
        let output = try await git.command(["ls-tree", "-r", "-z", "--full-tree", good]).capture(limit: 256 << 20)
        guard output.termination.succeeded else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: output.text)
        }
        var base: [RelativePath: (name: String, mode: UInt32)] = [:]
        for line in output.standardOutput.split(separator: 0) {
            guard let tab = line.firstIndex(of: 9), let path = RelativePath(line[(tab + 1)...]), paths.contains(path)
            else { continue }
            let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[1] == "blob", let mode = UInt32(words[0], radix: 8) else { continue }
            base[path] = (String(words[2]), mode)
        }
        var found = [good: base]
        let others = entries.filter { $0.revision.commit != good }
        guard !others.isEmpty, let tree = entries.first(where: { $0.revision.commit == good })?.tree else {
            return found
        }
        let differences = Mutex(Differences(paths))
        let ended = try await git.lines(
            ["-c", "core.quotePath=false", "diff-tree", "--stdin", "-r", "--raw", "--no-abbrev", "--no-renames"],
            input: Array(others.map { "\(tree) \($0.tree)\n" }.joined().utf8)
        ) { line in differences.withLock { $0.take(line) } }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: "git diff-tree ended with \(ended)")
        }
        let told = differences.withLock { $0.found }
        for entry in others {
            var files = base
            for (path, file) in told[entry.tree] ?? [:] { files[path] = file.mode == 0 ? nil : file }
            found[entry.revision.commit] = files
        }
        return found
    }

    /// A line of `--raw`: `:OLDMODE NEWMODE OLD NEW STATUS`, a tab, the path. A mode of 0 stands for no file.
    private static func change(
        _ line: ArraySlice<UInt8>, _ paths: Set<RelativePath>
    ) -> (path: RelativePath, name: String, mode: UInt32)? {
        guard line.first == UInt8(ascii: ":"), let tab = line.firstIndex(of: 9),
            let path = RelativePath(GitQuoting.plain(line[(tab + 1)...])), paths.contains(path)
        else { return nil }
        let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
        guard words.count == 5, let mode = UInt32(words[1], radix: 8) else { return nil }
        let isFile = mode & 0o170000 == 0o100000 || mode & 0o170000 == 0o120000
        return (path, String(words[3]), isFile ? mode : 0)
    }

    /// Reads the output of `git diff-tree --stdin --raw`: a line with both trees before each difference.
    private struct Differences: Sendable {
        private let paths: Set<RelativePath>
        private var tree = ""
        private(set) var found: [String: [RelativePath: (name: String, mode: UInt32)]] = [:]

        init(_ paths: Set<RelativePath>) { self.paths = paths }

        mutating func take(_ line: ArraySlice<UInt8>) {
            if let change = BreakHistory.change(line, paths) {
                found[tree, default: [:]][change.path] = (change.name, change.mode)
            } else if line.first != UInt8(ascii: ":") {
                tree = String(decoding: line, as: UTF8.self).split(separator: " ").last.map(String.init) ?? ""
            }
        }
    }

    /// Reads the output of `git log --raw`.
    private struct Log: Sendable {
        struct Entry: Sendable {
            let revision: BreakFinding.Revision
            let tree: String
            var parents: [String]
            /// For each parent, where commits were left out, the one that is the parent indeed.
            var origins: [String] = []
            let isBoundary: Bool
            var changes: [RelativePath: (name: String, mode: UInt32)] = [:]
        }

        private let paths: Set<RelativePath>
        private var entries: [Entry] = []

        init(_ paths: Set<RelativePath>) { self.paths = paths }

        mutating func take(_ line: ArraySlice<UInt8>) {
            if line.first == 1 {
                let parts = line.dropFirst().split(separator: 1, maxSplits: 6, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                guard parts.count == 7 else { return }
                let parents = parts[3].split(separator: " ").map(String.init)
                entries.append(
                    Entry(
                        revision: BreakFinding.Revision(
                            commit: parts[1], subject: parts[6], author: parts[5], date: parts[4],
                            isMerge: parents.count > 1), tree: parts[2], parents: parents,
                        isBoundary: parts[0] == "-"))
            } else if !entries.isEmpty, let change = BreakHistory.change(line, paths) {
                entries[entries.count - 1].changes[change.path] = (change.name, change.mode)
            }
        }

        func finish() -> [Entry] { entries }
    }
}
