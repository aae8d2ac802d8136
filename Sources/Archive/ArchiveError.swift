public import Bytes
public import Diagnostics
import SystemPackage

/// Why an archive or a compressed file could not be read, unpacked or written.
public struct ArchiveError: DiagnosedError {
    /// What is wrong.
    public enum Reason: Sendable {
        /// The bytes are not what the format demands; the text says how.
        case malformed(String)
        /// An entry would reach outside the tree or make something that does not belong in a source tree.
        case unsafe(String)
        /// More bytes or entries came out than the limits allow.
        case tooLarge(limit: Int, unit: String)
        /// The data grows so much on decompression that it is a bomb rather than a source.
        case bomb(ratio: Int)
        /// The archive has no such member.
        case noMember(String)
        /// The compression is known but cannot be undone on this machine.
        case unsupported(String)
        /// The format being written cannot hold the entry; the text says why.
        case notArchivable(String)
        /// Reading the archive or writing the tree failed.
        case system(BytesError)
        /// The task was cancelled.
        case cancelled
    }

    /// The archive, as the reader knows it: its path, with `: member` for archives inside archives.
    public let archive: String
    /// The entry in work when it happened.
    public let entry: String?
    /// What is wrong.
    public let reason: Reason

    init(_ archive: String, entry: String? = nil, _ reason: Reason) {
        self.archive = archive
        self.entry = entry
        self.reason = reason
    }

    /// The same error, naming the entry unless one is named already.
    func naming(_ entry: String?) -> ArchiveError { ArchiveError(archive, entry: self.entry ?? entry, reason) }

    /// Whose move it is.
    public var category: ErrorCategory {
        switch reason {
        case .malformed, .unsafe, .tooLarge, .bomb, .noMember, .notArchivable: .malformedInput
        case .unsupported: .missingTool
        case .system(let error): error.category
        case .cancelled: .interrupted
        }
    }

    /// `ARCHIVE: entry 'NAME': what is wrong`.
    public var message: String {
        let place = entry.map { "\(archive): entry '\(Wording.name($0))'" } ?? archive
        switch reason {
        case .malformed(let text): return "\(place): \(text)"
        case .unsafe(let text): return "\(place): \(text)"
        case .tooLarge(let limit, let unit): return "\(place): more than \(limit) \(unit) come out of it"
        case .bomb(let ratio): return "\(place): it grows to more than \(ratio) times its size when decompressed"
        case .noMember(let name): return "\(archive): it does not contain '\(Wording.name(name))'"
        case .unsupported(let text), .notArchivable(let text): return "\(place): \(text)"
        case .system(let error): return "\(place): \(error.message)"
        case .cancelled: return "unpacking \(archive) was interrupted"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch reason {
        case .unsafe: "nothing outside the tree was written; get the archive from its publisher again"
        case .malformed: "it may be truncated or damaged; get it from its publisher again"
        case .system(let error): error.remedy
        default: nil
        }
    }
}
