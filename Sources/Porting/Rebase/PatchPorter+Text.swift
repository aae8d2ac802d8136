import Merging
import Patching

/// The patches' texts: what is outside of the hunks stays as it is.
extension PatchPorter {
    /// The patch with the numbers and the context of the new tree, where that is all that changes.
    func refreshed(_ input: PatchInput) throws -> Blob? {
        let refresh = try SeriesRefresh.run(patches: [input], on: new, policy: exact, workers: workers)
        guard refresh.isProven else { return nil }
        return refresh.patches.first?.blob ?? input.blob
    }

    /// The patch with hunks for the new tree: everything outside of the hunks stays as it is.
    func rewritten(_ input: PatchInput, _ changes: [Change]) throws -> Blob? {
        let patch = try ParsedPatch.parse(input.blob, name: input.name, strip: input.strip, reading: policy.reading)
        let known = Dictionary(changes.filter { !$0.isPiece }.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        let pieces = Dictionary(grouping: changes.filter(\.isPiece), by: \.path)
        let bytes = input.blob.bytes
        var text: [UInt8] = []
        var at = 0
        var lines = LineFinder()
        var rest = Set(known.keys)
        for file in patch.files {
            guard let path = file.newPath ?? file.oldPath ?? file.indexPath, let change = known[path], !file.isRename,
                !file.isCopy, !file.isContextDiff, file.source === input.blob, case .text = file.payload,
                rest.remove(path) != nil, let first = file.hunks.first, let last = file.hunks.last,
                let begin = Self.lineStart(of: first, in: bytes)
            else { return nil }
            guard let header = lines.start(of: file.line, in: bytes), header >= at, header <= begin else {
                return nil
            }
            if TreeFile.same(change.result, change.there) {
                // Nothing of this file is left to do.
                text += bytes[at..<header]
            } else {
                text += Self.renamed(bytes[at..<begin], from: path, to: change.target)
                let (one, two) = (change.there?.content.bytes ?? [], change.result?.content.bytes ?? [])
                text += input.reverse ? UnifiedDiff.hunks(from: two, to: one) : UnifiedDiff.hunks(from: one, to: two)
            }
            for piece in pieces[path] ?? [] {
                guard let two = piece.result?.content.bytes, let one = piece.there?.content.bytes else { return nil }
                text += Self.renamed(Self.plain(bytes[header..<begin]), from: path, to: piece.target)
                text += input.reverse ? UnifiedDiff.hunks(from: two, to: one) : UnifiedDiff.hunks(from: one, to: two)
            }
            at = last.body.upperBound
        }
        guard rest.isEmpty else { return nil }
        return Blob(text + bytes[at...])
    }

    /// The lines before the hunks of a file without those of git's that hold for that file only.
    private static func plain(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let others = ["index ", "old mode ", "new mode ", "new file ", "deleted file ", "similarity ", "rename "]
        let lines = TextLines(Array(text)).lines.filter { line in !others.contains { line.starts(with: $0.utf8) } }
        return Array(lines.joined())[...]
    }

    /// The lines that name a file, with its new path.
    private static func renamed(
        _ text: ArraySlice<UInt8>, from old: RelativePath, to new: RelativePath
    ) -> [UInt8] {
        guard old != new else { return Array(text) }
        var result: [UInt8] = []
        for line in TextLines(Array(text)).lines {
            let isHeader = ["diff --git ", "--- ", "+++ ", "Index: "].contains { line.starts(with: $0.utf8) }
            result += isHeader ? replaced(line, old.bytes, new.bytes) : Array(line)
        }
        return result
    }

    private static func replaced(_ line: ArraySlice<UInt8>, _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var at = line.startIndex
        while at < line.endIndex {
            let isStart = at == line.startIndex || line[at - 1] == UInt8(ascii: "/") || line[at - 1] == 32
            if isStart, line[at...].starts(with: old) {
                result += new
                at += old.count
            } else {
                result.append(line[at])
                at += 1
            }
        }
        return result
    }

    private static func lineStart(of hunk: Hunk, in bytes: [UInt8]) -> Int? {
        var at = hunk.section.lowerBound
        while at > 0, bytes[at - 1] != 10 { at -= 1 }
        return bytes[at...].starts(with: "@@ -".utf8) ? at : nil
    }

    /// Whether a patch applies exactly and leaves what is wanted.
    func proves(_ blob: Blob, of input: PatchInput, _ wanted: [FileChange]) throws -> Bool {
        var input = input
        input.blob = blob
        guard let applied = placed(input), applied.report.failures.isEmpty, applied.report.isStrictlyClean
        else { return false }
        return Self.isSame(applied.changes, wanted)
    }
}

/// Where lines of a text start, asked for in ascending order.
private struct LineFinder {
    private var number = 1
    private var offset = 0

    /// The place of a line, from 1; `nil` beyond the end, and for one before the last that was asked for.
    mutating func start(of wanted: Int, in bytes: [UInt8]) -> Int? {
        let wanted = max(wanted, 1)
        guard wanted >= number else { return nil }
        while number < wanted {
            guard let end = bytes[offset...].firstIndex(of: 10) else { return nil }
            (number, offset) = (number + 1, end + 1)
        }
        return offset
    }
}
