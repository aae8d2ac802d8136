/// A file patch in the direction it is applied in.
struct FileSide {
    let patch: FilePatch
    let reverse: Bool

    init(_ patch: FilePatch, reverse: Bool) {
        self.patch = patch
        self.reverse = reverse
    }

    var old: RelativePath? { reverse ? patch.newPath : patch.oldPath }
    var new: RelativePath? { reverse ? patch.oldPath : patch.newPath }
    var oldMode: UInt32? { reverse ? patch.newMode : patch.oldMode }
    var newMode: UInt32? { reverse ? patch.oldMode : patch.newMode }
    var oldAbsence: FilePatch.Absence { reverse ? patch.newAbsence : patch.oldAbsence }
    var newAbsence: FilePatch.Absence {
        // Taking a copy back is removing it.
        if patch.isCopy && reverse { return .missing }
        return reverse ? patch.oldAbsence : patch.newAbsence
    }
    /// git's names of the content before and after.
    var objects: (old: String, new: String)? { patch.objects.map { reverse ? (old: $0.new, new: $0.old) : $0 } }
    /// Whether the file moves or is copied.
    var moves: Bool { patch.isRename || patch.isCopy }
    /// Whether the patch is for a symbolic link.
    var isLink: Bool { ((newMode ?? oldMode ?? 0) & 0o170000) == 0o120000 }

    /// Whether the patch is for a submodule: a commit in the place of a file.
    var isSubmodule: Bool { ((newMode ?? oldMode ?? 0) & 0o170000) == 0o160000 }

    /// The names in the order in which they come into question.
    var names: [RelativePath] {
        var names: [RelativePath] = []
        if let old { names.append(old) }
        if let new, new != old { names.append(new) }
        if names.isEmpty, let index = patch.indexPath { names.append(index) }
        return names
    }

    /// GNU patch's choice: the fewest components, then the shortest last component, then the shortest name, then
    /// the first.
    static func best(_ names: [RelativePath]) -> RelativePath? {
        guard names.count > 1 else { return names.first }
        func key(_ path: RelativePath) -> (Int, Int, Int) {
            (path.bytes.count { $0 == UInt8(ascii: "/") }, path.name.count, path.bytes.count)
        }
        return names.min { key($0) < key($1) }
    }

    /// The line where the hunk's result already is.
    /// - Parameter fuzz: How many lines of context may be ignored.
    func appliedLine(_ hunk: Hunk, in file: LineSearch, fuzz: Int = 0) -> Int? {
        var decoded = HunkLines()
        decoded.decode(hunk, of: patch.source, reverse: !reverse)
        guard !decoded.pattern.isEmpty else { return nil }
        var placement = HunkPlacement()
        let request = HunkPlacement.Request(hunk, reverse: !reverse)
        return placement.place(request, pattern: decoded.pattern, in: file, fuzz: fuzz)?.line
    }

    /// The report of a hunk that was not tried.
    func skipped(_ hunk: Hunk, number: Int) -> HunkReport {
        HunkReport(
            number: number, verdict: .skipped, hunk: hunk, of: patch.source,
            oldLine: reverse ? hunk.newStart : hunk.oldStart, line: nil)
    }
}

/// Which file a file patch is for.
struct FileChoice {
    /// Where the old content is.
    var source: RelativePath
    /// Where the new content goes.
    var target: RelativePath
    var operation: FileOperation
    /// Why it cannot be applied, if the names say so already.
    var failure: FailureReason?
    /// Whether the tree is as the patch wants it, and nothing is to be done.
    var isDoneAlready = false

    init(source: RelativePath, target: RelativePath? = nil, operation: FileOperation) {
        self.source = source
        self.target = target ?? source
        self.operation = operation
    }
}
