import Synchronization

/// Owns the files of one group and takes them through the series.
struct FileGroupPatcher {
    /// What came out of it.
    struct Result: Sendable {
        /// One for each entry, in order.
        var reports: [FileReport] = []
        var changes: [FileChange] = []
        /// The paths that are not what they were before the series, with hashes of what they are, where asked for.
        var changed: [(path: RelativePath, digest: [UInt8])] = []
        var preimages: [Preimage] = []
        var attempts: [FailedAttempt] = []
        /// Hunks with new numbers and context, where asked for.
        var rewritten: [RewrittenHunk] = []
        /// How many paths were changed.
        var touched = 0
        /// How many lines were compared to find places.
        var effort = 0
        /// What was read of the tree, where asked for.
        var inputs: [GroupInput] = []
        /// Changed paths that are there at the end, and those of them that were not there at the start.
        var present: [RelativePath] = []
        var created: [RelativePath] = []
    }

    /// A result that goes no further: handed around without a copy of its parts.
    final class Outcome: Sendable {
        let result: Result

        init(_ result: Result) { self.result = result }
    }

    let parsed: [ParsedPatch]
    let reversed: [Bool]
    let tree: any TreeReading
    let policy: PlacementPolicy
    let options: ApplicationOptions
    /// What the owners tell each other.
    private let progress: SharedProgress

    var result = Result()
    /// Paths where a patch failed: what follows is not tried.
    var broken: Set<RelativePath> = []
    var slots: [WorkingFile] = []
    private(set) var slotOfPath: [RelativePath: Int] = [:]
    /// Whether of the paths one lies below another.
    let isNested: Bool
    /// The patch in git's form that has taken a path away.
    private(set) var takenBy: [RelativePath: Int] = [:]
    private var touched: Set<Int> = []
    var hunkLines = HunkLines()
    /// Whether any of the patches moves or copies: only then it matters what was there before a message.
    private var keepsBefore = false
    var message = Message()

    /// The patch file that is being applied. Its renames and copies start from what was there before it, however many
    /// messages it has: GNU patch and git apply take it as one change.
    struct Message {
        var patch = -1
        /// What the patch has written, and what was there before.
        var before: [RelativePath: WorkingFile] = [:]
        /// Where the patch has moved or copied files to.
        var moveTargets: Set<RelativePath> = []

        /// Whether a move from this path means what was there before, and leaves alone what the patch has put there since.
        func movesOriginal(_ path: RelativePath) -> Bool { before[path]?.exists == true }
    }

    init(
        parsed: [ParsedPatch], reversed: [Bool], tree: any TreeReading, policy: PlacementPolicy,
        options: ApplicationOptions, progress: SharedProgress = SharedProgress(), isNested: Bool = false
    ) {
        self.isNested = isNested
        self.parsed = parsed
        self.reversed = reversed
        self.tree = tree
        self.policy = policy
        self.options = options
        self.progress = progress
    }

    /// What the owners of a series' files tell each other.
    final class SharedProgress: Sendable {
        /// Whether a patch has failed: then the tree will not be changed.
        let hasFailed = Atomic<Bool>(false)
    }

    /// Applies all entries in order.
    mutating func run(_ entries: ArraySlice<FileGroups.Entry>) throws -> Outcome {
        result.reports.reserveCapacity(entries.count)
        keepsBefore = entries.contains { entry in
            let patch = parsed[entry.patch].files[entry.file]
            return patch.isRename || patch.isCopy
        }
        for entry in entries {
            let patch = parsed[entry.patch].files[entry.file]
            if message.patch != entry.patch { message = Message(patch: entry.patch) }
            result.reports.append(try apply(FileSide(patch, reverse: reversed[entry.patch]), entry))
        }
        result.touched = touched.count
        if !result.attempts.isEmpty { progress.hasFailed.store(true, ordering: .relaxed) }
        for (path, slot) in slotOfPath {
            let file = slots[slot]
            if options.remembersInputs {
                result.inputs.append(try GroupInput(path, file.original, in: tree))
            }
            guard touched.contains(slot) else { continue }
            if options.needsChanges, let change = change(path, file) { hand(over: change) }
            guard file.exists else { continue }
            result.present.append(path)
            if file.original == nil { result.created.append(path) }
        }
        return Outcome(result)
    }

    /// Gives a change to those who want it.
    private mutating func hand(over change: FileChange) {
        result.changed.append((change.path, options.digestsResult ? change.digest : []))
        if options.buildsChanges { result.changes.append(change) }
        guard let staging = options.staging else { return }
        if !progress.hasFailed.load(ordering: .relaxed) { staging.take(change) }
    }

    /// What the series changed at a path, if anything.
    private func change(_ path: RelativePath, _ file: WorkingFile) -> FileChange? {
        guard let kind = file.kind else {
            return file.original == nil ? nil : FileChange(path: path, before: file.original, after: nil)
        }
        let content = file.content()
        if let original = file.original, original.kind == kind, original.permissions == file.permissions,
            original.content.hasSameBytes(as: content)
        {
            return nil
        }
        let after = TreeFile(kind: kind, permissions: file.permissions, content: content)
        return FileChange(path: path, before: file.original, after: after)
    }

    // MARK: - One file of one patch

    private mutating func apply(_ side: FileSide, _ entry: FileGroups.Entry) throws -> FileReport {
        let choice = try side.moves ? moved(side) : chosen(side)
        var attempt = FailedAttempt(entry: entry, side: side, choice: choice)
        if broken.contains(choice.source) || broken.contains(choice.target) {
            broken.formUnion([choice.source, choice.target])
            return attempt.report(.skipped, side.patch.hunks.enumerated().map { side.skipped($1, number: $0 + 1) })
        }
        var file = try moveSource(choice)
        attempt.before = file
        if side.isSubmodule { return submodule(attempt, file) }
        if side.patch.hasBlankNames, policy.reading == .gnu {
            return fail(attempt, .formatRefused(policy: policy.name, format: .blankName))
        }
        if isNested, !file.exists || choice.target != choice.source,
            let reason = try nestedObstacle(choice.target, side)
        {
            return fail(attempt, reason)
        }
        if let reason = choice.failure ?? obstacle(file, side) { return fail(attempt, reason) }
        if choice.isDoneAlready { return attempt.report(.clean, []) }
        if !file.exists {
            file.kind = side.isLink ? .symbolicLink : .regular
            file.permissions = side.isLink ? 0o777 : 0o666 & ~options.mask
        }

        var hunks: [HunkReport] = []
        switch side.patch.payload {
        case .binaryWithoutContent: return fail(attempt, .binaryWithoutContent)
        case .binary(let forward, let backward):
            guard policy.acceptsBinary else { return fail(attempt, .binaryRefused(policy: policy.name)) }
            do {
                let hunk = side.reverse ? backward : forward
                file.replace(with: try BinaryPatch.apply(hunk, to: file.content(), objects: side.objects))
            } catch {
                return fail(attempt, .binaryMismatch(error.reason))
            }
        case .text where side.patch.isContextDiff && !policy.acceptsContextDiffs:
            return fail(attempt, .formatRefused(policy: policy.name, format: .contextDiff))
        case .text:
            // Nobody else needs the old lines then, unless it fails: they are changed where they are.
            let ownSlot = changesInPlace(choice, side) ? try slot(choice.source) : nil
            if let ownSlot {
                slots[ownSlot].lines = []
                attempt.before = nil
            }
            hunks = policy.search == .git ? placeAsGit(side, &file, entry) : place(side, &file, entry)
            if hunks.contains(where: { !$0.verdict.isApplied }) {
                if let ownSlot {
                    slots[ownSlot].lines = file.lines
                    attempt.before = file
                }
                return fail(attempt, hunks)
            }
        }
        let vanishes = side.newAbsence == .missing && choice.operation != .copy
        if vanishes && !file.isEmpty { return fail(attempt, .contentRemains, hunks) }
        if file.isEmpty && side.moves && policy.removesEmptyFiles && !vanishes {
            // GNU patch removes the new file first and then ends because it is not there.
            return fail(attempt, .formatRefused(policy: policy.name, format: .emptyMove), hunks)
        }
        if file.isEmpty && (vanishes || policy.removesEmptyFiles || side.isLink) {
            file.remove()
            if isNested, side.patch.isGit { takenBy[choice.source] = entry.patch }
        } else if let mode = side.newMode, mode != side.oldMode {
            // GNU patch sets the mode as the patch says it, git as the process' mask allows.
            file.permissions = UInt16(mode & 0o777) & (policy.search == .git ? ~options.mask : 0o777)
        }
        try finish(choice, file, entry)
        return attempt.report(hunks.map(\.verdict).max() ?? .clean, hunks)
    }

    /// Whether what a file was before it is patched is of no use afterwards: nothing but its hunks can fail.
    private func changesInPlace(_ choice: FileChoice, _ side: FileSide) -> Bool {
        choice.source == choice.target && !keepsBefore && !options.keepsPreimages && side.newAbsence == .no
    }

    /// Puts the new state in its place, and removes the old name where the file has moved.
    private mutating func finish(_ choice: FileChoice, _ file: WorkingFile, _ entry: FileGroups.Entry) throws {
        let leavesOld = choice.operation == .rename && !message.movesOriginal(choice.source)
        var target = file
        if choice.target != choice.source {
            // What the tree had at the new name stays known there; the content comes from the old one.
            target = try state(choice.target)
            target.adopt(file)
            message.moveTargets.insert(choice.target)
        }
        try write(target, to: choice.target, entry)
        if leavesOld {
            var gone = try state(choice.source)
            gone.remove()
            takenBy[choice.source] = entry.patch
            try write(gone, to: choice.source, entry)
        }
    }

    private mutating func write(_ file: WorkingFile, to path: RelativePath, _ entry: FileGroups.Entry) throws {
        let old = try state(path)
        if options.keepsPreimages
            && !result.preimages.contains(where: { $0.patchIndex == entry.patch && $0.path == path })
        {
            let content = old.kind.map { TreeFile(kind: $0, permissions: old.permissions, content: old.content()) }
            result.preimages.append(Preimage(patchIndex: entry.patch, path: path, file: content))
        }
        if keepsBefore && message.before[path] == nil { message.before[path] = old }
        let slot = try slot(path)
        touched.insert(slot)
        slots[slot] = file
    }

    /// What is at a path now.
    mutating func state(_ path: RelativePath) throws -> WorkingFile { slots[try slot(path)] }

    /// Where the state of a path is kept; the tree is read the first time.
    mutating func slot(_ path: RelativePath) throws -> Int {
        if let known = slotOfPath[path] { return known }
        var file = WorkingFile(try tree.read(path))
        if isNested, file.kind == .belowFile || file.kind == .behindLink,
            path.parents.contains(where: { folder in slotOfPath[folder].map { !slots[$0].exists } ?? false })
        {
            // The series has taken away what is in the way.
            file = WorkingFile(nil)
        }
        slots.append(file)
        slotOfPath[path] = slots.count - 1
        return slots.count - 1
    }

    /// What a file patch starts from.
    mutating func moveSource(_ choice: FileChoice) throws -> WorkingFile {
        let source = choice.source
        guard choice.operation == .rename || choice.operation == .copy, choice.target != source,
            let before = message.before[source]
        else { return try state(source) }
        // git looks only at what was there before; GNU patch also takes what the patch has made, but not what it has moved.
        let isMade = !before.exists && policy.reading != .git && !message.moveTargets.contains(source)
        return isMade ? try state(source) : before
    }
}
