import Host
import KernelTree
import Patching
import Synchronization
import SystemPackage

/// The commits of a range as far as they change some files, with the content of these files at each: from objects, without
/// a checkout.
///
/// `git log --full-history --parents` leaves out the commits that change none of the files, and names for each one that is
/// left the nearest ancestors that are left. So the content of a file at a commit is that at its first parent with what
/// the commit changes.
struct BreakHistory: Sendable {
    /// A commit.
    struct Commit: Sendable {
        let revision: BreakFinding.Revision
        /// The places of its parents; all lower than its own.
        let parents: [Int]
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
                "-c", "core.quotePath=false", "log", "--full-history", "--parents", "--boundary", "--topo-order",
                "--reverse", "--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent", "--no-color",
                "--format=%x01%m%x01%H%x01%P%x01%ad%x01%an%x01%s", "--date=short", good + ".." + bad, "--",
            ] + paths.map { ":(literal,top)" + $0.string }
        ) { line in log.withLock { $0.take(line) } }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: "git log ended with \(ended)")
        }
        var entries = log.withLock { $0.finish() }
        // Parents first: those before the range have none here. The first revision itself is one of them.
        if !entries.contains(where: { $0.revision.commit == good }) {
            entries.append(Log.Entry(revision: try await Self.revision(git, good), parents: [], isBoundary: true))
        }
        let known = Set(entries.map(\.revision.commit))
        // The last revision stands for itself, whatever it changes.
        if !known.contains(bad) {
            let nearest = entries.last { !$0.isBoundary }?.revision.commit ?? good
            entries.append(
                Log.Entry(revision: try await Self.revision(git, bad), parents: [nearest], isBoundary: false))
        }
        entries = entries.filter(\.isBoundary) + entries.filter { !$0.isBoundary }
        let places = Dictionary(
            entries.enumerated().map { ($1.revision.commit, $0) }, uniquingKeysWith: { first, _ in first })
        commits = entries.map { entry in
            Commit(
                revision: entry.revision,
                parents: entry.isBoundary ? [] : entry.parents.compactMap { places[$0] },
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
        let first = try await Self.contents(git, entries.filter(\.isBoundary).map(\.revision.commit), paths)
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

    private static func revision(_ git: GitRepository, _ commit: String) async throws -> BreakFinding.Revision {
        let output = try await git.command([
            "log", "-1", "--format=%H%x01%P%x01%ad%x01%an%x01%s", "--date=short", commit,
        ]).capture()
        let parts =
            String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n").last?
            .split(separator: "\u{1}", maxSplits: 4, omittingEmptySubsequences: false).map(String.init) ?? []
        guard parts.count == 5 else {
            throw KernelTreeError.damagedRepository(repository: git.path, reason: output.text)
        }
        return BreakFinding.Revision(
            commit: parts[0], subject: parts[4], author: parts[3], date: parts[2], isMerge: parts[1].contains(" "))
    }

    /// What the files are at some commits.
    private static func contents(
        _ git: GitRepository, _ commits: [String], _ paths: [RelativePath]
    ) async throws -> [String: [RelativePath: (name: String, mode: UInt32)]] {
        var found: [String: [RelativePath: (name: String, mode: UInt32)]] = [:]
        let wanted = Set(paths)
        for commit in commits {
            let output = try await git.command(
                ["ls-tree", "-r", "-z", "--full-tree", commit, "--"] + paths.map(\.string)
            ).capture(limit: 64 << 20)
            guard output.termination.succeeded else {
                throw KernelTreeError.damagedRepository(repository: git.path, reason: output.text)
            }
            for line in output.standardOutput.split(separator: 0) {
                guard let tab = line.firstIndex(of: 9), let path = RelativePath(line[(tab + 1)...]),
                    wanted.contains(path)
                else { continue }
                let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
                guard words.count == 3, words[1] == "blob", let mode = UInt32(words[0], radix: 8) else { continue }
                found[commit, default: [:]][path] = (String(words[2]), mode)
            }
        }
        return found
    }

    /// Reads the output of `git log --raw`.
    private struct Log: Sendable {
        struct Entry: Sendable {
            let revision: BreakFinding.Revision
            let parents: [String]
            let isBoundary: Bool
            var changes: [RelativePath: (name: String, mode: UInt32)] = [:]
        }

        private let paths: Set<RelativePath>
        private var entries: [Entry] = []

        init(_ paths: Set<RelativePath>) { self.paths = paths }

        mutating func take(_ line: ArraySlice<UInt8>) {
            if line.first == 1 {
                let parts = line.dropFirst().split(separator: 1, maxSplits: 5, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                guard parts.count == 6 else { return }
                let parents = parts[2].split(separator: " ").map(String.init)
                entries.append(
                    Entry(
                        revision: BreakFinding.Revision(
                            commit: parts[1], subject: parts[5], author: parts[4], date: parts[3],
                            isMerge: parents.count > 1), parents: parents, isBoundary: parts[0] == "-"))
            } else if line.first == UInt8(ascii: ":"), !entries.isEmpty,
                let tab = line.firstIndex(of: 9), let path = RelativePath(line[(tab + 1)...]), paths.contains(path)
            {
                // `:OLDMODE NEWMODE OLD NEW STATUS`, a tab, the path.
                let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
                guard words.count == 5, let mode = UInt32(words[1], radix: 8) else { return }
                let isFile = mode & 0o170000 == 0o100000 || mode & 0o170000 == 0o120000
                entries[entries.count - 1].changes[path] = (String(words[3]), isFile ? mode : 0)
            }
        }

        func finish() -> [Entry] { entries }
    }
}
