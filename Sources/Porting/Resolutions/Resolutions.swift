import Bytes
import Merging
import Patching
public import SystemPackage

/// What is known of how conflicts were solved: here, and elsewhere.
///
/// What comes from elsewhere is judged: a file that cannot be read in full, an answer with the marks of a conflict, two
/// files with different answers to one conflict are not used, and what is used is likely, not certain.
public struct Resolutions: Sendable {
    /// A file that is not used.
    public struct Refused: Sendable, Equatable {
        /// Its path.
        public let file: FilePath
        /// Why.
        public let reason: String
    }

    /// The most bytes of a file that is looked at.
    static let largest = 16 << 20
    /// How a file of this kind is called.
    static let suffix = ".resolution"

    private var own: [Resolution.Key: Resolution] = [:]
    private var others: [Resolution.Key: (resolution: Resolution, file: FilePath)] = [:]
    /// The files that are not used.
    public private(set) var refused: [Refused] = []

    /// Knows nothing.
    public init() {}

    /// What was decided here, in a stable order.
    var decided: [Resolution] {
        own.sorted { ($0.key.kind.rawValue, $0.key.digest.hex) < ($1.key.kind.rawValue, $1.key.digest.hex) }.map(
            \.value)
    }

    /// Takes what was decided here.
    mutating func decide(_ resolution: Resolution) { own[resolution.key] = resolution }

    /// An answer and where it comes from.
    struct Answer {
        let text: [UInt8]
        let rule: ThreeWayMerge.Rule
        /// The file it comes from; `nil` for what was decided here.
        let file: FilePath?
        let ownLines: Int
    }

    /// What is known of a conflict.
    func answer(_ key: Resolution.Key) -> Answer? {
        if let known = own[key] {
            return Answer(text: known.answer, rule: .resolved, file: nil, ownLines: known.ownLines)
        }
        guard let (known, file) = others[key] else { return nil }
        return Answer(text: known.answer, rule: .remembered, file: file, ownLines: known.ownLines)
    }

    // MARK: files

    /// Takes what is in a folder; one that is not there has nothing.
    /// - Parameter isOwn: Whether it was decided here.
    /// - Throws: `BytesError` where a file cannot be read at all.
    mutating func take(folder: FilePath, isOwn: Bool) throws {
        guard Files.isDirectory(folder) else { return }
        for name in try Files.list(folder) where name.hasSuffix(Self.suffix) {
            try take(file: folder.appending(name), isOwn: isOwn)
        }
    }

    /// Takes what is in a file.
    /// - Throws: `BytesError` where it cannot be read at all.
    mutating func take(file path: FilePath, isOwn: Bool) throws {
        guard Files.isRegular(path) else { return refuse(path, "it is not a file") }
        take(try Files.read(path), from: path, isOwn: isOwn)
    }

    /// Notes that a file is not used.
    mutating func refuse(_ file: FilePath, _ reason: String) {
        refused.append(Refused(file: file, reason: reason))
    }

    private mutating func take(_ bytes: [UInt8], from path: FilePath, isOwn: Bool) {
        func refuse(_ reason: String) { self.refuse(path, reason) }
        guard bytes.count <= Self.largest else { return refuse("it is longer than \(Self.largest >> 20) MiB") }
        let resolution: Resolution
        do {
            resolution = try ResolutionText.read(bytes)
        } catch { return refuse("line \(error.line): \(error.reason)") }
        if resolution.kind != .patch, MergeSolution.hasMarks(resolution.answer) {
            return refuse("its answer has the marks of a conflict")
        }
        if isOwn { return decide(resolution) }
        let key = resolution.key
        if let (known, file) = others[key], known.answer != resolution.answer {
            // Neither is better than the other.
            contradicted.insert(key)
            others[key] = nil
            return refuse("it says something else than \(file)")
        }
        if contradicted.contains(key) { return refuse("others say something else") }
        if others[key] == nil { others[key] = (resolution, path) }
    }

    /// Conflicts to which files have different answers.
    private var contradicted: Set<Resolution.Key> = []

    /// Writes what was decided here, each in a file that is named for the conflict.
    /// - Returns: The files, by name.
    func files() -> [(name: String, content: [UInt8])] {
        decided.map { ("\($0.key.digest.hex.prefix(16))\(Self.suffix)", ResolutionText.write($0)) }
    }
}
