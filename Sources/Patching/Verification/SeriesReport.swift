public import Diagnostics

/// How a hunk, and with it a file, a patch and a series, went. Ordered from best to worst.
public enum PlacementVerdict: String, Sendable, CaseIterable, Comparable {
    /// It fitted exactly where it said.
    case clean
    /// It fitted exactly, but at another line.
    case offset
    /// It fitted only with some of its context ignored.
    case fuzz
    /// It was placed by offset or fuzz and would have fitted elsewhere just as well.
    case ambiguous
    /// Its result is already in the tree; it does not apply.
    case alreadyApplied
    /// It does not apply.
    case failed
    /// It was not tried, because an earlier patch of the same file failed.
    case skipped

    /// Whether the hunk was applied.
    public var isApplied: Bool { self < .alreadyApplied }

    /// From best to worst; what was skipped counts as better than what failed.
    public static func < (left: PlacementVerdict, right: PlacementVerdict) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .clean: 0
        case .offset: 1
        case .fuzz: 2
        case .ambiguous: 3
        case .alreadyApplied: 4
        case .skipped: 5
        case .failed: 6
        }
    }
}

/// What became of a series on a tree.
public struct SeriesReport: Sendable {
    /// Every patch, in the order of the series.
    public let patches: [PatchReport]
    /// Everything that failed, in the order of the series; empty where the series applies.
    public let failures: [ApplyFailure]
    /// The numbers.
    public let summary: ApplySummary
    /// The SHA-256 of the changed tree (paths, modes, contents of all changes); `nil` where it was not asked for.
    public let resultDigest: String?

    init(patches: [PatchReport], failures: [ApplyFailure], summary: ApplySummary, resultDigest: String?) {
        self.patches = patches
        self.failures = failures
        self.summary = summary
        self.resultDigest = resultDigest
    }

    /// The report of a series that one consumer cannot read and others can.
    /// - Parameter patches: The names of the patches, in order.
    public init(unreadable error: PatchError, patches: [String]) {
        let index = patches.firstIndex(of: error.patch) ?? 0
        var explanation = FailureExplanation()
        explanation.advice = error.remedy ?? "export the patch again"
        let failure = ApplyFailure(
            patch: error.patch, patchIndex: index, patchLine: error.line, file: .unnamed, hunk: nil,
            reason: .malformed(error.text), explanation: explanation)
        var summary = ApplySummary()
        summary.patches = patches.count
        summary.failed = 1
        summary.skipped = max(patches.count - 1, 0)
        self.init(
            patches: patches.enumerated().map {
                PatchReport(name: $1, verdict: $0 == index ? .failed : .skipped, ignored: [], files: [])
            }, failures: [failure], summary: summary, resultDigest: nil)
    }

    /// The first failure.
    public var failure: ApplyFailure? { failures.first }

    /// `fail` where something does not apply; `warn` where a hunk needed fuzz or is ambiguous, or where text that
    /// looks like a patch was ignored; `pass` otherwise.
    public var verdict: Verdict { failures.isEmpty ? patches.map(\.outcome).max() ?? .pass : .fail }
}

/// The numbers of a series. Patches are counted by the worst of their hunks.
public struct ApplySummary: Sendable, Equatable {
    /// All patches.
    public var patches = 0
    /// Patches that fitted exactly.
    public var clean = 0
    /// Patches with a hunk at another line.
    public var offset = 0
    /// Patches with a hunk that needed fuzz.
    public var fuzz = 0
    /// Patches with a hunk that would also have fitted elsewhere.
    public var ambiguous = 0
    /// Patches that are in the tree already.
    public var alreadyApplied = 0
    /// Patches that do not apply.
    public var failed = 0
    /// Patches that were not tried completely because of an earlier failure.
    public var skipped = 0
    /// Files touched, each counted once.
    public var files = 0
    /// All hunks.
    public var hunks = 0
}

/// What became of one patch.
public struct PatchReport: Sendable {
    /// The patch's name.
    public let name: String
    /// The worst of its files.
    public let verdict: PlacementVerdict
    /// Text that nothing was done with.
    public let ignored: [IgnoredText]
    /// Every file, in the order of the patch.
    public let files: [FileReport]

    /// Whether something about it has to be looked at even where all of it was applied as it says: text that looks like a
    /// patch was left out, it changes nothing, or a hunk may be anywhere.
    public var isDoubtful: Bool {
        ignored.contains(where: \.looksLikePatch) || files.isEmpty || files.contains(where: \.isUnchecked)
    }

    /// The patch as `pass`, `warn` or `fail`.
    public var outcome: Verdict {
        switch verdict {
        case .clean, .offset: isDoubtful ? .warn : .pass
        case .fuzz, .ambiguous: .warn
        case .alreadyApplied, .failed, .skipped: .fail
        }
    }
}

/// What a patch does to a file.
public enum FileOperation: String, Sendable, CaseIterable {
    /// Changes content or mode.
    case modify
    /// Makes a new file.
    case create
    /// Removes the file.
    case delete
    /// Moves the file, possibly changing it.
    case rename
    /// Makes a file from another, possibly changing it.
    case copy
}

/// What became of one file of a patch. A class, because there are many, and they are handed from owner to report.
public final class FileReport: Sendable {
    /// The file (the new name where it moves).
    public let path: RelativePath
    /// The old name where it moves or is copied.
    public let source: RelativePath?
    /// What is done to it.
    public let operation: FileOperation
    /// The worst of its hunks, or of the file as a whole.
    public let verdict: PlacementVerdict
    /// Every hunk, in the order of the patch.
    public let hunks: [HunkReport]
    /// Why the file as a whole fails, if that is not for a hunk.
    public let reason: FailureReason?
    /// Whether any of its hunks ``HunkReport/isUnchecked``.
    public let isUnchecked: Bool

    init(
        path: RelativePath, source: RelativePath?, operation: FileOperation, verdict: PlacementVerdict,
        hunks: [HunkReport], reason: FailureReason?
    ) {
        self.path = path
        self.source = source
        self.operation = operation
        self.verdict = verdict
        self.hunks = hunks
        self.reason = reason
        isUnchecked = hunks.contains(where: \.isUnchecked)
    }
}

/// What became of one hunk.
public struct HunkReport: Sendable {
    /// Its number in the file, from 1.
    public let number: Int
    /// How it went.
    public let verdict: PlacementVerdict
    /// The line its header names on the old side.
    public let oldLine: Int
    /// The line of the old file where its old lines were found; `nil` where it failed.
    public let line: Int?
    /// How far that is from the line it names: `line - oldLine`.
    public let offset: Int
    /// How many lines of context were ignored at the longer end.
    public let fuzz: Int
    /// Other lines where it would have fitted with the same fuzz (at most 8); only looked for where it was moved or fuzzed.
    public let alsoFits: [Int]
    /// The function (or Kconfig entry) it landed in, where that is another than the patch was made in; only looked
    /// for where it needed fuzz or was moved against the hunk before it.
    public let landedIn: String?
    /// Whether it only adds lines and shows none around them, to a file that has lines: it would have been made anywhere,
    /// and also a second time, so that nothing says that it belongs there.
    public let isUnchecked: Bool
    /// The line of its header in the patch file.
    public let patchLine: Int
    private let source: Blob
    private let sectionRange: Range<Int>

    init(
        number: Int, verdict: PlacementVerdict, hunk: Hunk, of source: Blob, oldLine: Int, line: Int?, offset: Int = 0,
        fuzz: Int = 0, alsoFits: [Int] = [], landedIn: String? = nil, isUnchecked: Bool = false
    ) {
        self.number = number
        self.verdict = verdict
        self.oldLine = oldLine
        self.line = line
        self.offset = offset
        self.fuzz = fuzz
        self.alsoFits = alsoFits
        self.landedIn = landedIn
        self.isUnchecked = isUnchecked
        patchLine = hunk.line
        self.source = source
        sectionRange = hunk.section
    }

    /// A hunk's report as it was in another run.
    init(
        number: Int, verdict: PlacementVerdict, oldLine: Int, line: Int?, offset: Int, fuzz: Int, alsoFits: [Int],
        landedIn: String?, isUnchecked: Bool, patchLine: Int, source: Blob, section: Range<Int>
    ) {
        self.number = number
        self.verdict = verdict
        self.oldLine = oldLine
        self.line = line
        self.offset = offset
        self.fuzz = fuzz
        self.alsoFits = alsoFits
        self.landedIn = landedIn
        self.isUnchecked = isUnchecked
        self.patchLine = patchLine
        self.source = source
        sectionRange = section
    }

    /// Lends the bytes of ``section``.
    func withSection(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let line = source.line(sectionRange.lowerBound, sectionRange.upperBound)
        body(UnsafeBufferPointer(start: line.start, count: line.count))
    }

    /// The text after the second `@@`: the function the hunk is in, as diff saw it.
    public var section: String { source.text(sectionRange) }
}

/// Why a file or hunk does not apply.
public enum FailureReason: Sendable, Equatable {
    /// The hunk's old lines are nowhere in the file.
    case noPlace
    /// The hunk would have to go before lines that an earlier hunk has changed.
    case misordered
    /// The file to change is not there.
    case fileMissing
    /// The file to create is there already.
    case fileExists
    /// The file to delete is not there, or is empty.
    case nothingToDelete
    /// The file to delete has content that the patch does not know.
    case contentRemains
    /// Something other than a regular file is in the way.
    case wrongKind(TreeFileKind)
    /// The patch is for a symbolic link and the file is none, or the other way round.
    case linkMismatch
    /// The target of a rename or copy is there already.
    case targetExists
    /// The patch says that a binary file changes but does not carry its content.
    case binaryWithoutContent
    /// A binary patch does not fit the file's content.
    case binaryMismatch(String)
    /// The policy does not accept binary patches.
    case binaryRefused(policy: String)
    /// The policy does not accept the format of the patch.
    case formatRefused(policy: String, format: String)
    /// The consumer cannot read the patch.
    case malformed(String)
    /// A file of the series is also a folder of another file of the series.
    case fileIsFolder(RelativePath)

    /// The reason as a lowercase clause.
    public var text: String {
        switch self {
        case .noPlace: "the lines it changes are not in the file"
        case .misordered: "it belongs before lines that an earlier hunk of the patch has changed"
        case .fileMissing: "the file is not in the tree"
        case .fileExists: "the file to create is already in the tree"
        case .nothingToDelete: "the file to delete is missing or empty"
        case .contentRemains: "the file to delete has more content than the patch removes"
        case .wrongKind(.directory): "a folder is in the place of the file"
        case .wrongKind(.symbolicLink): "a symbolic link is in the place of the file"
        case .wrongKind(.belowFile): "a file is in the place of a folder on the way to the file"
        case .wrongKind(.behindLink): "a symbolic link is in the place of a folder on the way to the file"
        case .wrongKind: "a device, FIFO or socket is in the place of the file"
        case .linkMismatch: "the patch and the tree disagree about the file being a symbolic link"
        case .targetExists: "the new name is already in the tree"
        case .binaryWithoutContent: "the patch only says that binary files differ and does not carry their content"
        case .binaryMismatch(let why): "the binary patch does not fit: \(why)"
        case .binaryRefused(let policy): "\(policy) does not apply git binary patches"
        case .formatRefused(let policy, let format): "\(policy) does not apply \(format)"
        case .malformed(let why): "it cannot be read: \(why)"
        case .fileIsFolder(let path): "the series also makes a file of its folder \(path)"
        }
    }

    /// One word for it, stable, for machines.
    public var code: String {
        switch self {
        case .noPlace: "no-place"
        case .misordered: "misordered"
        case .fileMissing: "file-missing"
        case .fileExists: "file-exists"
        case .nothingToDelete: "nothing-to-delete"
        case .contentRemains: "content-remains"
        case .wrongKind: "wrong-kind"
        case .linkMismatch: "link-mismatch"
        case .targetExists: "target-exists"
        case .binaryWithoutContent: "binary-without-content"
        case .binaryMismatch: "binary-mismatch"
        case .binaryRefused: "binary-refused"
        case .formatRefused: "format-refused"
        case .malformed: "malformed"
        case .fileIsFolder: "file-is-folder"
        }
    }
}

/// Something that did not apply, and all that is known about it.
public struct ApplyFailure: Sendable {
    /// The patch's name.
    public let patch: String
    /// Its place in the series, from 0.
    public let patchIndex: Int
    /// The line of the patch file with the hunk's or file's header.
    public let patchLine: Int
    /// The file.
    public let file: RelativePath
    /// The hunk's number in the file, from 1; `nil` where the file as a whole fails.
    public let hunk: Int?
    /// Why.
    public let reason: FailureReason
    /// What was found out about it.
    public let explanation: FailureExplanation

    /// `PATCH:LINE: FILE: hunk N does not apply: why`, one line.
    public var message: String {
        let what = hunk.map { "hunk \($0) does not apply" } ?? "does not apply"
        return "\(patch):\(patchLine): \(file): \(what): \(reason.text)"
    }
}
