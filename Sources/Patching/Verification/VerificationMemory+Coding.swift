import Bytes
import Concurrency

/// The memory as bytes: a head line, who wrote it, the paths, the length of the patches, these, the outcomes, and the
/// SHA-256 of all that.
extension VerificationMemory {
    private static let head = Array("dom0kit.verify-memory/4\n".utf8)

    /// What is taken out at the same time.
    private enum Part {
        case intact
        case patches([PatchKey: Patch])
        case outcomes([Fingerprint: [FileGroupPatcher.Outcome]])
    }

    /// Takes a memory out of bytes.
    /// - Parameters:
    ///   - writer: Who is to have written it, to the build: another engine may come to other results.
    ///   - workers: How many threads take it out.
    /// - Returns: `nil` where the bytes are damaged, or another engine's.
    public init?(_ blob: Blob, writer: String, workers: Int = 1) {
        let end = blob.count - 32
        guard end >= Self.head.count,
            blob.line(0, Self.head.count).text + "\n" == String(decoding: Self.head, as: UTF8.self)
        else { return nil }
        var reader = MemoryReader(blob, Self.head.count..<end)
        do throws(MemoryReader.Damaged) {
            guard try reader.text() == writer else { return nil }
            reader.paths = try reader.list { reader throws(MemoryReader.Damaged) in
                guard let path = RelativePath(try reader.bytes()) else { throw MemoryReader.Damaged() }
                return path
            }
            let length = try reader.number()
            let middle = try reader.skip(length)
            // Damaged bytes end in an error, never in a wrong value's use: so they are read before it is known that they
            // are not damaged.
            let start = reader
            let parts = try Parallel.map(count: 3, workers: workers) { part throws(MemoryReader.Damaged) in
                switch part {
                case 0: return try Self.outcomes(middle, blob)
                case 1: return try Self.patches(start)
                default:
                    guard try Self.isIntact(blob, end) else { throw MemoryReader.Damaged() }
                    return .intact
                }
            }
            for part in parts {
                switch part {
                case .intact: break
                case .patches(let found): patches = found
                case .outcomes(let found): outcomes = found
                }
            }
        } catch { return nil }
    }

    private static func isIntact(_ blob: Blob, _ end: Int) throws(MemoryReader.Damaged) -> Bool {
        var hash = DigestStream(.sha256)
        blob.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        var trailer = MemoryReader(blob, end..<blob.count)
        return try trailer.fingerprint() == Fingerprint(hash.finishBytes())
    }

    private static func patches(_ start: MemoryReader) throws(MemoryReader.Damaged) -> Part {
        var reader = start
        let count = try reader.count()
        var patches: [PatchKey: Patch] = [:]
        patches.reserveCapacity(count)
        for _ in 0..<count {
            let (key, patch) = try patch(&reader)
            patches[key] = patch
        }
        return .patches(patches)
    }

    private static func outcomes(_ start: MemoryReader, _ blob: Blob) throws(MemoryReader.Damaged) -> Part {
        var reader = start
        let count = try reader.count()
        var outcomes: [Fingerprint: [FileGroupPatcher.Outcome]] = [:]
        outcomes.reserveCapacity(count)
        for _ in 0..<count {
            let key = try reader.fingerprint()
            outcomes[key] = try reader.list { reader throws(MemoryReader.Damaged) in try outcome(&reader, blob) }
        }
        return .outcomes(outcomes)
    }

    /// The memory as bytes.
    public func bytes(writer: String) -> [UInt8] {
        var body = MemoryWriter()
        body.list(patches) { $0.patch($1.key, $1.value) }
        let middle = body.bytes.count
        body.list(outcomes) { body, outcome in
            body.fingerprint(outcome.key)
            body.list(outcome.value) { $0.outcome($1.result) }
        }
        var front = MemoryWriter()
        front.text(writer.utf8)
        front.list(body.pathList) { $0.text($1.bytes) }
        front.number(middle)
        let bytes = Self.head + front.bytes + body.bytes
        var hash = DigestStream(.sha256)
        hash.update(bytes)
        return bytes + hash.finishBytes()
    }

    private static func patch(_ reader: inout MemoryReader) throws(MemoryReader.Damaged) -> (PatchKey, Patch) {
        guard let identity = try reader.identity() else { throw MemoryReader.Damaged() }
        let key = PatchKey(
            identity: identity, strip: try reader.number(), reading: try reader.element(of: PatchReading.allCases))
        let digest = try reader.fingerprint()
        var outline = ParsedPatch(name: "", blob: .empty)
        outline.isOutline = true
        outline.ignored = try reader.list { reader throws(MemoryReader.Damaged) in
            IgnoredText(
                line: try reader.number(), count: try reader.number(), text: try reader.text(),
                looksLikePatch: try reader.number() != 0)
        }
        outline.files = try reader.list { reader throws(MemoryReader.Damaged) in
            FilePatch(
                line: try reader.number(), isGit: false,
                oldPath: try reader.optionalPath(), newPath: try reader.optionalPath(),
                indexPath: try reader.optionalPath(), isRename: false, isCopy: false, oldMode: nil, newMode: nil,
                oldAbsence: try reader.number() == 0 ? .no : .missing, newAbsence: .no, objects: nil, payload: .text,
                isContextDiff: false, source: .empty,
                hunks: [])
        }
        return (key, Patch(digest: digest, outline: outline))
    }

    private static let operations = FileOperation.allCases
    private static let verdicts = PlacementVerdict.allCases

    private static func outcome(
        _ reader: inout MemoryReader, _ blob: Blob
    ) throws(MemoryReader.Damaged) -> FileGroupPatcher.Outcome {
        var result = FileGroupPatcher.Result()
        result.touched = try reader.number()
        result.inputs = try reader.list { reader throws(MemoryReader.Damaged) in
            let path = try reader.path()
            let kind = try reader.element(of: TreeFileKind.numbered)
            return GroupInput(
                path: path, kind: kind, permissions: UInt16(truncatingIfNeeded: try reader.number()),
                identity: try reader.identity())
        }
        result.present = try reader.list { reader throws(MemoryReader.Damaged) in try reader.path() }
        result.created = try reader.list { reader throws(MemoryReader.Damaged) in try reader.path() }
        result.changed = try reader.list { reader throws(MemoryReader.Damaged) in
            (path: try reader.path(), digest: try reader.bytes())
        }
        result.reports = try reader.list { reader throws(MemoryReader.Damaged) in
            let path = try reader.path()
            let source = try reader.optionalPath()
            let operation = try reader.element(of: Self.operations)
            let verdict = try reader.element(of: Self.verdicts)
            var number = 0
            let hunks = try reader.list { reader throws(MemoryReader.Damaged) in
                number += 1
                return try Self.hunk(&reader, number, blob)
            }
            return FileReport(
                path: path, source: source, operation: operation, verdict: verdict, hunks: hunks, reason: nil)
        }
        return FileGroupPatcher.Outcome(result)
    }

    private static func hunk(
        _ reader: inout MemoryReader, _ number: Int, _ blob: Blob
    ) throws(MemoryReader.Damaged) -> HunkReport {
        let verdict = try reader.element(of: Self.verdicts)
        let oldLine = try reader.number()
        let line = try reader.number()
        let offset = try reader.number()
        let fuzz = try reader.number()
        let patchLine = try reader.number()
        let others = try reader.list { reader throws(MemoryReader.Damaged) in try reader.number() }
        let landedIn = try reader.number() == 0 ? nil : try reader.text()
        let isUnchecked = try reader.number() != 0
        return HunkReport(
            number: number, verdict: verdict, oldLine: oldLine, line: line, offset: offset, fuzz: fuzz,
            alsoFits: others, landedIn: landedIn, isUnchecked: isUnchecked, patchLine: patchLine, source: blob,
            section: try reader.range())
    }
}

extension MemoryWriter {
    fileprivate mutating func patch(_ key: VerificationMemory.PatchKey, _ patch: VerificationMemory.Patch) {
        identity(key.identity)
        number(key.strip)
        number(key.reading.place)
        fingerprint(patch.digest)
        list(patch.outline.ignored) {
            $0.number($1.line)
            $0.number($1.count)
            $0.text($1.text.utf8)
            $0.number($1.looksLikePatch ? 1 : 0)
        }
        list(patch.outline.files) {
            $0.number($1.line)
            $0.path($1.oldPath)
            $0.path($1.newPath)
            $0.path($1.indexPath)
            $0.number($1.makesOrTakes ? 1 : 0)
        }
    }

    /// An outcome without failures: every hunk has a line, no file has a reason.
    fileprivate mutating func outcome(_ result: FileGroupPatcher.Result) {
        number(result.touched)
        list(result.inputs) {
            $0.path($1.path)
            let kind = $1.kind
            $0.number(TreeFileKind.numbered.firstIndex { $0 == kind } ?? 0)
            $0.number(Int($1.permissions))
            $0.identity($1.identity)
        }
        list(result.present) { $0.path($1) }
        list(result.created) { $0.path($1) }
        list(result.changed) {
            $0.path($1.path)
            $0.text($1.digest)
        }
        list(result.reports) {
            $0.path($1.path)
            $0.path($1.source)
            $0.number($1.operation.place)
            $0.number($1.verdict.place)
            $0.list($1.hunks) { $0.hunk($1) }
        }
    }

    private mutating func hunk(_ hunk: HunkReport) {
        number(hunk.verdict.place)
        number(hunk.oldLine)
        number(hunk.line ?? 0)
        number(hunk.offset)
        number(hunk.fuzz)
        number(hunk.patchLine)
        list(hunk.alsoFits) { $0.number($1) }
        number(hunk.landedIn == nil ? 0 : 1)
        if let landedIn = hunk.landedIn { text(landedIn.utf8) }
        number(hunk.isUnchecked ? 1 : 0)
        hunk.withSection { text($0) }
    }
}

extension CaseIterable where Self: Equatable, AllCases == [Self] {
    /// Its place among all cases.
    fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension TreeFileKind {
    /// What an input can be, in the order of their numbers.
    fileprivate static let numbered: [TreeFileKind?] = [
        nil, .regular, .symbolicLink, .directory, .special, .behindLink, .belowFile,
    ]
}
