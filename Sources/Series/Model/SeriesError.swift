public import Diagnostics
public import SystemPackage

/// A line of a series file, from 1.
public struct SeriesPosition: Sendable, Hashable, CustomStringConvertible {
    /// The file, as the caller named it.
    public let file: FilePath
    /// The line.
    public let line: Int

    /// States a position.
    public init(file: FilePath, line: Int) {
        self.file = file
        self.line = line
    }

    /// `FILE:LINE`.
    public var description: String { "\(file):\(line)" }
}

/// Why a series cannot be read or written.
public enum SeriesError: UndecidedError {
    /// Nothing is at the path.
    case missing(path: FilePath)
    /// What is at the path is not a series that the kit knows.
    case unknown(path: FilePath, reason: String)
    /// A line does not follow the dialect's grammar.
    case malformed(at: SeriesPosition, reason: String)
    /// A patch of the series is not there.
    case missingPatch(at: SeriesPosition, name: String)
    /// An entry is a list of files to remove, which only an import carries out.
    case noPatch(at: SeriesPosition, name: String)
    /// A patch of the series cannot be told from it: what is read would be another series.
    case incomplete([SeriesRemark])
    /// Nothing is selected, where a series was given.
    case empty(name: String, leftOut: Int)
    /// A name leads outside the folder of the series.
    case outside(at: SeriesPosition, name: String)
    /// A message of a mailbox cannot be read.
    case malformedMail(path: FilePath, line: Int, reason: String)
    /// The dialect to write has no way to say something.
    case cannotExpress(dialect: SeriesDialect, entry: String, reason: String)
    /// A file to write already exists.
    case taken(path: FilePath)
    /// A patch is compressed or part of a mailbox and cannot be written in its place.
    case notRewritable(at: SeriesPosition, name: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .missing, .missingPatch: .missingInput
        case .unknown, .malformed, .outside, .malformedMail: .malformedInput
        case .incomplete, .empty: .undecided
        case .cannotExpress, .noPatch, .notRewritable: .usage
        case .taken: .cannotCreate
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .missing(let path): "there is no series at \(path)"
        case .unknown(let path, let reason): "\(path) is not a series: \(reason)"
        case .malformed(let position, let reason): "\(position): \(reason)"
        case .missingPatch(let position, let name): "\(position): the patch '\(name)' is missing"
        case .noPatch(let position, let name): "\(position): '\(name)' is a list of files to remove, not a patch"
        case .incomplete(let gaps):
            (gaps.first.map { "\($0.position): \($0.text)" } ?? "a part of the series is not understood")
                + (gaps.count > 1 ? "; and \(Wording.count(gaps.count - 1, "more line")) like it" : "")
        case .empty(let name, let leftOut):
            "\(name) selects no patch" + (leftOut > 0 ? ": all \(leftOut) entries are left out" : "")
        case .outside(let position, let name): "\(position): the name '\(name)' leads outside the series' folder"
        case .malformedMail(let path, let line, let reason): "\(path):\(line): \(reason)"
        case .cannotExpress(let dialect, let entry, let reason):
            "a \(dialect.rawValue) series cannot hold '\(entry)': \(reason)"
        case .notRewritable(let position, let name):
            "\(position): '\(name)' is compressed or part of a mailbox and cannot be rewritten in place"
        case .taken(let path): "\(path) already exists"
        }
    }

    /// The lines that are not understood.
    public var gaps: [Gap] {
        if case .incomplete(let gaps) = self { gaps.map(\.gap) } else { [] }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .unknown:
            "name a folder with a series file, a series or series.conf file, a patch or a mailbox, or say which dialect it is"
        case .taken: "choose another folder"
        case .empty: "see why each entry is left out, or say that an empty selection is meant"
        case .incomplete: "write all of the series as a quilt series, or change the spec"
        case .noPatch: "importing the source with its patches carries it out"
        case .notRewritable: "unpack it first, or convert the series to plain patch files"
        case .missing, .missingPatch, .malformed, .outside, .malformedMail, .cannotExpress: nil
        }
    }
}
