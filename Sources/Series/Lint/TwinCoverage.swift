import Patching

/// For fork-style Xen trees (before pvops), where files of the native kernel have copies for Xen beside them: native files
/// that a series changes without their twins following.
public struct TwinCoverage: Sendable {
    /// A native file with what the series does to it and to its twin.
    public struct Pair: Sendable, Equatable {
        /// The native file.
        public let native: String
        /// Its twin (`foo-xen.c`, or the same name in a folder for Xen).
        public let twin: String
        /// The patches that change the native file.
        public let nativePatches: [String]
        /// The patches that change the twin.
        public let twinPatches: [String]
        /// The changes of the native file that the twin does not have.
        public let uncovered: [Change]
    }

    /// A patch's change of a native file, held against the twin.
    public struct Change: Sendable, Equatable {
        /// The patch.
        public let patch: String
        /// How many lines it adds that mean something by themselves.
        public let added: Int
        /// How many of them the twin lacks.
        public let lacking: Int
        /// How many lines it removes that the twin still has.
        public let kept: Int
    }

    /// Every pair of which the series changes the native file, by the native file's name.
    public let pairs: [Pair]

    /// What a patch does to a file.
    private struct Edit {
        let patch: Int
        var added: [String] = []
        var removed: [String] = []
    }

    /// Looks at a series.
    ///
    /// A change is covered if its patch changes the twin too, or if the twin, as the series leaves it, has the lines that
    /// were added and has not those that were removed: twins are often made from a native file that was changed already.
    /// - Parameters:
    ///   - series: The patches, in order.
    ///   - file: The lines of a file of the tree with the series applied; `nil` where it is not there. Without a tree the
    ///     lines that the series adds to a twin stand for it, and twins that it does not touch are not known.
    /// - Throws: `PatchError`, and what `file` throws.
    public init(of series: LoadedSeries, file: (String) throws -> [UInt8]? = { _ in nil }) throws {
        var edits: [String: [Edit]] = [:]
        for (index, patch) in series.patches.enumerated() {
            let parsed = try ParsedPatch.parse(patch.blob, name: patch.entry.name, strip: patch.entry.strip)
            for change in parsed.files {
                guard let path = (change.newPath ?? change.oldPath)?.string, Self.mayMatter(path) else { continue }
                var edit = Edit(patch: index)
                let bytes = change.source.bytes
                for hunk in change.hunks {
                    for line in bytes[hunk.body].split(separator: 10) {
                        guard let text = Self.significant(line.dropFirst()) else { continue }
                        if line.first == UInt8(ascii: patch.entry.reverse ? "-" : "+") { edit.added.append(text) }
                        if line.first == UInt8(ascii: patch.entry.reverse ? "+" : "-") { edit.removed.append(text) }
                    }
                }
                edits[path, default: []].append(edit)
            }
        }
        let names = series.patches.map(\.entry.name)
        var pairs: [Pair] = []
        for (native, changes) in edits {
            for twin in Self.twins(of: native) {
                let own = edits[twin] ?? []
                let content = try file(twin)
                guard content != nil || !own.isEmpty else { continue }
                var lines: Set<String> = []
                if let content {
                    lines = Set(content.split(separator: 10).compactMap(Self.significant))
                } else {
                    for edit in own {
                        lines.subtract(edit.removed)
                        lines.formUnion(edit.added)
                    }
                }
                let uncovered = changes.filter { edit in !own.contains { $0.patch == edit.patch } }.compactMap { edit in
                    let lacking = edit.added.count { !lines.contains($0) }
                    // A line that is added elsewhere was moved.
                    let kept = edit.removed.count { lines.contains($0) && !edit.added.contains($0) }
                    return lacking + kept == 0
                        ? nil : Change(patch: names[edit.patch], added: edit.added.count, lacking: lacking, kept: kept)
                }
                pairs.append(
                    Pair(
                        native: native, twin: twin, nativePatches: changes.map { names[$0.patch] },
                        twinPatches: own.map { names[$0.patch] }, uncovered: uncovered))
            }
        }
        self.pairs = pairs.sorted { ($0.native, $0.twin) < ($1.native, $1.twin) }
    }

    private static func mayMatter(_ path: String) -> Bool {
        path.hasSuffix(".c") || path.hasSuffix(".h") || path.hasSuffix(".S")
    }

    /// A line that tells two files apart: without white space around it, and longer than a bracket.
    private static func significant(_ line: ArraySlice<UInt8>) -> String? {
        let blank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        let bare = line.drop(while: blank)
        guard let end = bare.lastIndex(where: { !blank($0) }), end - bare.startIndex >= 5 else { return nil }
        return String(decoding: bare[...end], as: UTF8.self)
    }

    /// The names a native file's twin may have: `foo-xen.c` beside it, `mach-xen/` beside `mach-default/`.
    static func twins(of path: String) -> [String] {
        guard !path.contains("-xen.") else { return [] }
        var result: [String] = []
        if let dot = path.lastIndex(of: "."), path[dot...].count <= 4, !path[dot...].contains("/"),
            dot != path.startIndex
        {
            result.append(path[..<dot] + "-xen" + path[dot...])
        }
        for folder in ["mach-default", "mach-generic"] {
            let parts = path.split(separator: "/").map(String.init)
            if let index = parts.firstIndex(of: folder) {
                var other = parts
                other[index] = "mach-xen"
                result.append(other.joined(separator: "/"))
            }
        }
        // 2.6.18 to 2.6.3x keep Xen's headers in a folder beside the native ones.
        for (native, xen) in [
            ("include/asm-x86_64/", "include/asm-x86_64/mach-xen/asm/"),
            ("include/asm-i386/", "include/asm-i386/mach-xen/asm/"),
            ("arch/x86/include/asm/", "arch/x86/include/mach-xen/asm/"),
            ("include/asm-x86/", "include/asm-x86/mach-xen/asm/"),
        ]
        where path.hasPrefix(native) && !path.dropFirst(native.count).contains("/") {
            result.append(xen + path.dropFirst(native.count))
        }
        return result
    }
}
