import Host
import KernelTree
import Merging
import Patching
import Synchronization

/// Which commits brought lines to a file, or took them away.
struct UpstreamHistory {
    let repository: GitRepository

    /// Lines of a file whose history is asked for.
    struct Question: Sendable {
        let path: RelativePath
        /// Lines that are there now.
        let added: Set<ArraySlice<UInt8>>
        /// Lines that are gone.
        let removed: Set<ArraySlice<UInt8>>

        init(path: RelativePath, before: [UInt8], after: [UInt8]) {
            self.path = path
            let (old, new) = (Self.telling(before), Self.telling(after))
            added = new.subtracting(old)
            removed = old.subtracting(new)
        }

        var count: Int { added.count + removed.count }

        /// The lines that tell something: longer than a bracket, without white space around them.
        private static func telling(_ text: [UInt8]) -> Set<ArraySlice<UInt8>> {
            Set(TextLines(text).lines.map(bare).filter { $0.count > 3 })
        }

        static func bare(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            let blank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
            let start = line.drop(while: blank)
            guard let end = start.lastIndex(where: { !blank($0) }) else { return [] }
            // Of its own, so that the index does not matter and the text is not kept.
            return Array(start[...end])[...]
        }
    }

    /// A commit with those of the files asked for that it changes.
    struct Change: Sendable {
        let commit: [UInt8]
        var paths: Set<[UInt8]> = []
    }

    /// Which of some commits answer each question: the most telling first, at most `most`.
    func commits(_ questions: [Question], among changes: [Change], most: Int) async throws -> [[UpstreamCommit]] {
        let paths = Set(questions.filter { $0.count > 0 }.map(\.path))
        let names = Set(paths.map(\.bytes))
        let commits = changes.filter { !$0.paths.isDisjoint(with: names) }.map(\.commit)
        if commits.isEmpty { return questions.map { _ in [] } }
        let log = Mutex(Log(questions))
        try await run(
            [
                "log", "--format=%x01%H%x01%ad%x01%an%x01%s", "--date=short", "-p", "--no-walk=unsorted", "--stdin",
                "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--submodule=short", "-U0", "--",
            ] + paths.sorted().map { ":(literal,top)" + $0.string },
            input: Array(commits.joined(separator: [10])) + [10]
        ) { line in log.withLock { $0.take(line) } }
        return log.withLock { $0.finish(most) }
    }

    /// The commits that `end` has and `start` does not, and that change some files, newest first. All are listed with what
    /// they change: to let git choose by some hundred paths takes it many times as long.
    func changes(of paths: Set<RelativePath>, from start: String, to end: String) async throws -> [Change] {
        let names = Set(paths.map(\.bytes))
        let found = Mutex<(changes: [Change], current: Change)>(([], Change(commit: [])))
        try await run(
            [
                "-c", "core.quotePath=false", "log", "--format=%x01%H", "--no-merges", "--name-only", "--no-renames",
                start + ".." + end, "--",
            ]
        ) { line in
            found.withLock { found in
                let name = Array(GitQuoting.plain(line))
                if line.first == 1 {
                    if !found.current.paths.isEmpty { found.changes.append(found.current) }
                    found.current = Change(commit: Array(line.dropFirst()))
                } else if names.contains(name) {
                    found.current.paths.insert(name)
                }
            }
        }
        return found.withLock { $0.changes + ($0.current.paths.isEmpty ? [] : [$0.current]) }
    }

    private func run(
        _ arguments: [String], input: [UInt8] = [], _ take: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) async throws {
        let ended = try await repository.lines(arguments, input: input, take)
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(
                repository: repository.path, reason: "git log ended with \(ended)")
        }
    }

    /// Reads the output of `git log -p -U0`.
    private struct Log: Sendable {
        private let questions: [Question]
        private let byPath: [[UInt8]: [Int]]
        /// The commit at hand: its name, date, author, subject.
        private var head: [String] = []
        private var asked: [Int] = []
        private var isInHunk = false
        private var counts: [Int: Int] = [:]
        private var found: [[UpstreamCommit]]

        init(_ questions: [Question]) {
            self.questions = questions
            byPath = Dictionary(grouping: questions.indices) { questions[$0].path.bytes }
            found = questions.map { _ in [] }
        }

        mutating func take(_ line: ArraySlice<UInt8>) {
            if line.first == 1 {
                close()
                head = line.dropFirst().split(separator: 1, maxSplits: 3, omittingEmptySubsequences: false).map {
                    String(decoding: $0, as: UTF8.self)
                }
            } else if line.starts(with: "diff --git ".utf8) {
                (asked, isInHunk) = ([], false)
            } else if !isInHunk, line.starts(with: "--- a/".utf8) || line.starts(with: "+++ b/".utf8) {
                if asked.isEmpty { asked = byPath[Array(line.dropFirst(6))] ?? [] }
            } else if line.starts(with: "@@ ".utf8) {
                isInHunk = true
            } else if isInHunk, !asked.isEmpty, let sign = line.first {
                let text = Question.bare(line.dropFirst())
                for index in asked {
                    let isHit =
                        sign == UInt8(ascii: "+") && questions[index].added.contains(text)
                        || sign == UInt8(ascii: "-") && questions[index].removed.contains(text)
                    if isHit { counts[index, default: 0] += 1 }
                }
            }
        }

        private mutating func close() {
            if head.count == 4 {
                for (index, count) in counts {
                    found[index].append(
                        UpstreamCommit(
                            commit: head[0], subject: head[3], author: head[2], date: head[1], lines: count))
                }
            }
            (head, asked, counts, isInHunk) = ([], [], [:], false)
        }

        mutating func finish(_ most: Int) -> [[UpstreamCommit]] {
            close()
            // The log is newest first; of equals the newest one.
            return found.map { commits in
                commits.enumerated().sorted { ($1.element.lines, $0.offset) < ($0.element.lines, $1.offset) }
                    .prefix(most).map(\.element)
            }
        }
    }
}
