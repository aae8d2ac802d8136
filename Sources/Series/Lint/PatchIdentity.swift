import Bytes
import Patching

/// The identity of a change, whatever its line numbers and white space: the number that `git patch-id --stable` prints.
///
/// Facts from git's `builtin/patch-id.c`:
/// 1. Text before the first `diff ` line does not count, nor do `index` lines, nor `\ No newline`.
/// 2. Header lines, and the lines of hunks without their white space, are hashed, each file by itself.
/// 3. The hashes of the files are added as numbers of 20 bytes, least byte first, so that their order does not matter.
public struct PatchIdentity: Sendable, Hashable, CustomStringConvertible {
    /// The 40 hexadecimal digits.
    public let hex: String
    /// The hexadecimal form.
    public var description: String { hex }

    init(hex: String) { self.hex = hex }

    /// The identity of a patch; `nil` where nothing in it can be identified.
    ///
    /// A patch without `diff` lines gets those that git would write for its files.
    public init?(of patch: ParsedPatch) {
        var reader = Reader()
        if patch.files.contains(where: { !$0.isGit }) {
            for line in Self.gitText(of: patch) { reader.take(line[...]) }
        } else {
            for line in patch.blob.bytes.split(separator: 10, omittingEmptySubsequences: false) { reader.take(line) }
        }
        guard let identity = reader.finish() else { return nil }
        self = identity
    }

    /// The files of a patch as git would write them, line by line.
    private static func gitText(of patch: ParsedPatch) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for file in patch.files {
            let old = file.oldPath ?? file.newPath ?? file.indexPath
            let new = file.newPath ?? file.oldPath ?? file.indexPath
            guard let old, let new else { continue }
            let (oldName, newName) = (Array("a/".utf8) + old.bytes, Array("b/".utf8) + new.bytes)
            lines.append(Array("diff --git ".utf8) + oldName + [32] + newName)
            let isNew = file.oldPath == nil || file.oldAbsence == .missing
            let isGone = file.newPath == nil || file.newAbsence == .missing
            if isNew { lines.append(Array("new file mode 100644".utf8)) }
            if isGone { lines.append(Array("deleted file mode 100644".utf8)) }
            lines.append(Array("--- ".utf8) + (isNew ? Array("/dev/null".utf8) : oldName))
            lines.append(Array("+++ ".utf8) + (isGone ? Array("/dev/null".utf8) : newName))
            let bytes = file.source.bytes
            for hunk in file.hunks {
                lines.append(Array("@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@".utf8))
                var body = bytes[hunk.body].split(separator: 10, omittingEmptySubsequences: false)
                if body.last?.isEmpty == true { body.removeLast() }
                // An empty line stands for an empty line of context.
                lines += body.map { $0.isEmpty ? [32] : Array($0) }
            }
        }
        return lines
    }

    /// Reads the text of one change line by line.
    public struct Reader: Sendable {
        /// Lines of the hunk at hand that are still to come; -1 in a header.
        private var before = -1
        private var after = -1
        private var hunks = 0
        private var isBinary = false
        private var isBegun = false
        private var isOver = false
        private var objects: (old: ArraySlice<UInt8>, new: ArraySlice<UInt8>) = ([], [])
        private var pending: [UInt8] = []
        private var sum = [UInt8](repeating: 0, count: 20)

        /// Starts a change.
        public init() {}

        /// Takes the next line, without its end.
        public mutating func take(_ line: ArraySlice<UInt8>) {
            func starts(_ text: String) -> Bool { line.starts(with: text.utf8) }
            if isOver || starts("\\ ") && line.count > 11 { return }
            if !isBegun {
                guard starts("diff ") else { return }
                isBegun = true
            }
            if before == -1 {
                if starts("GIT binary patch") || starts("Binary files") {
                    (isBinary, before, after) = (true, 0, 0)
                    pending += objects.old + objects.new
                    flush()
                    return
                } else if starts("index ") {
                    let names = line.dropFirst(6).prefix { $0 != 32 }
                    if let dots = names.firstIndex(of: UInt8(ascii: ".")) {
                        objects = (names[..<dots], names[dots...].drop { $0 == UInt8(ascii: ".") })
                    }
                    return
                } else if starts("--- ") {
                    (before, after) = (1, 1)
                } else if !(line.first.map(Self.isLetter) ?? false) {
                    isOver = true
                    return
                }
            }
            if isBinary {
                // The line that ends a binary file is not hashed, though it begins the next file.
                if starts("diff ") { (isBinary, before) = (false, -1) }
                return
            }
            if before == 0, after == 0 {
                if starts("@@ -") {
                    hunks += 1
                    (before, after) = Self.counts(line)
                    return
                }
                guard starts("diff ") else {
                    isOver = true
                    return
                }
                if hunks > 0 { flush() }
                (before, after, hunks) = (-1, -1, 0)
            }
            if line.first == UInt8(ascii: "-") || line.first == 32 { before -= 1 }
            if line.first == UInt8(ascii: "+") || line.first == 32 { after -= 1 }
            add(line)
        }

        /// The identity of what was taken; `nil` where there was no change.
        public mutating func finish() -> PatchIdentity? {
            guard isBegun else { return nil }
            flush()
            let digits = Array("0123456789abcdef".utf8)
            return PatchIdentity(
                hex: String(decoding: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self))
        }

        private mutating func add(_ line: ArraySlice<UInt8>) {
            pending += line.filter { !($0 == 32 || (9...13).contains($0)) }
        }

        /// Adds the hash of the file at hand to the sum.
        private mutating func flush() {
            var hash = DigestStream(.sha1)
            hash.update(pending)
            pending = []
            let digits = Array(hash.finish().utf8)
            var carry: UInt16 = 0
            for index in 0..<20 {
                carry += UInt16(sum[index]) + UInt16(Self.byte(digits[index * 2], digits[index * 2 + 1]))
                sum[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
        }

        private static func byte(_ high: UInt8, _ low: UInt8) -> UInt8 {
            func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
            return value(high) << 4 | value(low)
        }

        private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

        /// The line counts of `@@ -A,B +C,D @@`; 1 where one is not written.
        private static func counts(_ line: ArraySlice<UInt8>) -> (Int, Int) {
            let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
            func count(_ index: Int) -> Int {
                guard index < words.count, let comma = words[index].firstIndex(of: ",") else { return 1 }
                return Int(words[index][words[index].index(after: comma)...]) ?? 0
            }
            return (count(1), count(2))
        }
    }
}
