import Glibc

/// Looks for the lines a hunk expects in other files: those the series names, and those the tree has nearby.
struct MovedTextFinder {
    /// The most bytes that are searched for one failure.
    static let mostBytes = 64 << 20

    let groups: FileGroups
    let tree: any TreeReading

    /// The first file that has the lines of the failed hunk, or of any hunk where the file as a whole is missing.
    func find(_ attempt: FailedAttempt, _ explanation: FailureExplanation) -> (path: RelativePath, line: Int)? {
        let side = attempt.side
        guard explanation.appliedAt == nil else { return nil }
        // Where most of the lines are, they have not moved.
        if let closest = explanation.closest, closest.matching * 2 > closest.expected { return nil }
        let hunks = attempt.hunk.map { [side.patch.hunks[$0]] } ?? Array(side.patch.hunks.prefix(8))
        let wanted = hunks.compactMap { Wanted($0, side) }
        guard !wanted.isEmpty else { return nil }
        let here = attempt.choice.target
        var budget = Self.mostBytes
        var seen: Set<RelativePath> = [here]
        for path in here.relatives(among: groups.paths, limit: 200) + tree.relatives(of: here)
        where seen.insert(path).inserted {
            guard budget > 0 else { return nil }
            guard let file = try? tree.read(path), file.kind == .regular else { continue }
            budget -= file.content.count
            for hunk in wanted {
                if let line = hunk.place(in: file.content) { return (path, line) }
            }
        }
        return nil
    }

    /// A hunk with its most telling line.
    private struct Wanted {
        let request: HunkPlacement.Request
        let pattern: [Line]
        let longest: Line

        /// `nil` where the hunk has too little text to be known by it.
        init?(_ hunk: Hunk, _ side: FileSide) {
            var lines = HunkLines()
            lines.decode(hunk, of: side.patch.source, reverse: side.reverse)
            guard lines.pattern.count(where: { !$0.isBlank }) >= 3,
                let longest = lines.pattern.max(by: { $0.count < $1.count }),
                lines.pattern.reduce(0, { $0 + $1.content.count(where: { $0 > 32 }) }) >= 8
            else { return nil }
            request = HunkPlacement.Request(hunk, reverse: side.reverse)
            pattern = lines.pattern
            self.longest = longest
        }

        /// Where a file has the lines, with as much fuzz as patch(1) allows by itself.
        func place(in content: Blob) -> Int? {
            guard content.contains(longest) else { return nil }
            var placement = HunkPlacement()
            return placement.place(request, pattern: pattern, in: LineSearch(WorkingFile.split(content)), fuzz: 2)?.line
        }
    }
}

extension Blob {
    /// Whether a line is somewhere in it, at the start of a line.
    fileprivate func contains(_ line: Line) -> Bool {
        var at = 0
        while at + line.count <= count {
            if memcmp(start + at, line.start, line.count) == 0 { return true }
            at = endOfLine(at)
        }
        return false
    }
}
