public import Diagnostics

/// Why a patch file could not be understood.
public struct PatchError: DiagnosedError, Hashable {
    /// What is wrong with it.
    public enum Problem: Sendable, Hashable {
        /// The file ends, or other text begins, before the hunk has the lines its header promised.
        case truncatedHunk(missingOld: Int, missingNew: Int)
        /// The hunk continues after its header's counts are used up.
        case surplusLine
        /// A hunk header that cannot be read.
        case malformedHunkHeader
        /// A line number or count no file can have.
        case absurdNumber
        /// A hunk without a single changed line.
        case emptyHunk
        /// A line in a hunk that starts with none of space, `+`, `-` and `\`.
        case strayLine
        /// The file ends in the middle of a line.
        case unfinishedLine
        /// "No newline at end of file" after a line that is not the last of its side.
        case misplacedMarker
        /// A name that leaves the tree: absolute, with `..`, or with a NUL byte.
        case dangerousName(String)
        /// A name among git's own files, or where the kit keeps what it is writing.
        case reservedName(String)
        /// A quoted name that cannot be read.
        case malformedName(String)
        /// A name with fewer leading folders than are to be stripped.
        case nameTooShort(String, strip: Int)
        /// A git header that changes nothing.
        case headerWithoutChange
        /// Hunks without any file name before them.
        case missingName
        /// A rename or copy without two names.
        case incompleteRename
        /// A mode that is not an octal number git knows.
        case malformedMode
        /// A `GIT binary patch` that cannot be decoded.
        case malformedBinary(String)
        /// A patch format that is not supported (an ed script, a normal diff).
        case unsupported(String)
        /// The file has content, but nothing that could be applied.
        case noPatch
        /// The file is not the one any more that it was a moment ago.
        case changedMeanwhile
        /// The series lists a patch more than once, and its consumer refuses that.
        case listedTwice(String)
    }

    /// The patch file, as it was named.
    public let patch: String
    /// The line in the patch file, from 1.
    public let line: Int
    /// What is wrong.
    public let problem: Problem

    /// Records a problem at a line.
    public init(patch: String, line: Int, problem: Problem) {
        self.patch = patch
        self.line = line
        self.problem = problem
    }

    /// The input's fault, but for a file that someone is writing to.
    public var category: ErrorCategory { problem == .changedMeanwhile ? .infrastructure : .malformedInput }

    /// `NAME:LINE: what is wrong`.
    public var message: String { "\(patch):\(line): \(text)" }

    /// What is wrong, without the place.
    var text: String {
        switch problem {
        case .truncatedHunk(let old, let new):
            "the hunk ends early: its header promises \(old) more old and \(new) more new lines"
        case .surplusLine: "the hunk has more lines than its header says"
        case .malformedHunkHeader: "the hunk header cannot be read"
        case .absurdNumber: "a line number or count is too large for any file"
        case .emptyHunk: "the hunk changes nothing"
        case .strayLine: "a line of the hunk starts with none of space, '+', '-' and '\\'"
        case .unfinishedLine: "the patch ends in the middle of a line"
        case .misplacedMarker: "'No newline at end of file' stands behind a line that is not the last one"
        case .dangerousName(let name): "the file name '\(name)' leaves the tree"
        case .reservedName(let name): "the file name '\(name)' is one of git's own files or of the kit's"
        case .malformedName(let name): "the file name \(name) cannot be read"
        case .nameTooShort(let name, let strip):
            "the file name '\(name)' has fewer than \(strip) leading folder\(strip == 1 ? "" : "s") to strip"
        case .headerWithoutChange: "a git header with no change behind it"
        case .missingName: "a hunk without a file name before it"
        case .incompleteRename: "a rename or copy without two file names"
        case .malformedMode: "the file mode is not an octal number"
        case .malformedBinary(let reason): "the binary patch cannot be decoded: \(reason)"
        case .unsupported(let format): "\(format) cannot be applied"
        case .noPatch: "the file contains no patch"
        case .changedMeanwhile: "the patch file was changed while it was read"
        case .listedTwice(let name): "'\(name)' is listed once more, which quilt refuses"
        }
    }

    /// What usually helps.
    public var remedy: String? {
        switch problem {
        case .truncatedHunk, .surplusLine, .strayLine, .unfinishedLine, .misplacedMarker:
            "the patch was cut or edited by hand: export it again, or correct the counts in the @@ line"
        case .nameTooShort: "check the strip level (-p) of the patch in its series"
        case .dangerousName: "a patch may only name files inside the tree; check the strip level (-p)"
        case .reservedName: "take that file out of the patch"
        case .unsupported: "make it a unified diff (diff -u, git format-patch)"
        case .listedTwice: "list a copy of it under another name"
        case .changedMeanwhile: "run it again when nobody writes to the file"
        default: nil
        }
    }
}
