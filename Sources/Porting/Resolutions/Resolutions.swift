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

    /// Of one conflict in several places each may have its own answer.
    private var own: [Resolution.Key: [Resolution]] = [:]
    private var others: [Resolution.Key: (resolution: Resolution, file: FilePath)] = [:]
    /// The files that are not used.
    public private(set) var refused: [Refused] = []

    /// Knows nothing.
    public init() {}

    /// What was decided here, in a stable order.
    var decided: [Resolution] {
        own.sorted { ($0.key.kind.rawValue, $0.key.digest.hex) < ($1.key.kind.rawValue, $1.key.digest.hex) }
            .flatMap { $0.value.sorted { ($0.patch, $0.file) < ($1.patch, $1.file) } }
    }

    /// Takes what was decided here.
    mutating func decide(_ resolution: Resolution) {
        own[resolution.key, default: []].removeAll { $0.isFor(resolution.patch, resolution.file) }
        own[resolution.key, default: []].append(resolution)
    }

    /// Takes back what was decided of a patch as a whole.
    mutating func takeBack(_ key: Resolution.Key) { own[key] = nil }

    /// An answer and where it comes from.
    struct Answer {
        let text: [UInt8]
        let rule: ThreeWayMerge.Rule
        /// The file it comes from; `nil` for what was decided here.
        let file: FilePath?
        /// For what was decided here of the same lines in another place, that place: the patch and the file.
        let elsewhere: String?
        let ownLines: Int
    }

    /// What is known of a conflict. What was decided of the same lines in another place is likely here, not certain.
    /// - Parameters:
    ///   - patch: The patch in conflict.
    ///   - file: The file of it; empty for the patch as a whole.
    func answer(_ key: Resolution.Key, for patch: String, file: String) -> Answer? {
        if let known = own[key], let one = known.first {
            if let here = known.first(where: { $0.isFor(patch, file) }) {
                return Answer(text: here.answer, rule: .resolved, file: nil, elsewhere: nil, ownLines: here.ownLines)
            }
            guard known.allSatisfy({ $0.answer == one.answer }) else { return nil }
            return Answer(
                text: one.answer, rule: .remembered, file: nil, elsewhere: "\(one.patch), \(one.file)",
                ownLines: one.ownLines)
        }
        guard let (known, file) = others[key] else { return nil }
        return Answer(text: known.answer, rule: .remembered, file: file, elsewhere: nil, ownLines: known.ownLines)
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
        if resolution.kind != .patch, MergeSolution.hasMarks(resolution.answer, beyond: resolution.conflict) {
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
        var count: [Resolution.Key: Int] = [:]
        return decided.map { resolution in
            let number = (count[resolution.key] ?? 0) + 1
            count[resolution.key] = number
            let name = resolution.key.digest.hex.prefix(16) + (number > 1 ? "-\(number)" : "")
            return (name + Self.suffix, ResolutionText.write(resolution))
        }
    }
}
