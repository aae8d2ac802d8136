import Glibc
import RpmSpec
import SystemPackage

/// What a spec does to files of the tree before it applies patches that change them too: the patches alone do not tell
/// what comes of it.
struct EarlierChanges {
    /// What stands in the way of a verdict on the patches alone.
    private(set) var forSeries: [SeriesRemark] = []
    /// What stands in the way of an import: changes that it does not carry out.
    private(set) var forImport: [SeriesRemark] = []

    private struct Change {
        let path: String
        let line: Int
        let isCarriedOut: Bool
    }

    private let entries: [SeriesEntry]
    private let isMain: [Bool]
    private let main: String
    private let spec: FilePath
    private var changes: [Change] = []

    init(_ steps: [PrepStep], entries: [SeriesEntry], isMain: [Bool], main: String, spec: FilePath) {
        (self.entries, self.isMain, self.main, self.spec) = (entries, isMain, main, spec)
        take(steps)
    }

    private mutating func take(_ steps: [PrepStep]) {
        for step in steps {
            switch step.action {
            case .patch(let index):
                if entries.indices.contains(index), isMain[index], !changes.isEmpty { compare(entries[index]) }
            case .conditional(_, _, _, let then, let otherwise):
                take(then)
                take(otherwise)
            case .write(let file, _, _): note([file], step)
            case .edit(let files, _): note(files, step)
            case .replaceLines(let file, _, _): note([file], step)
            case .change(let files): note(files, step, isCarriedOut: false)
            case .remove(let files): note(files, step)
            case .move(let files, let target): note(files + [target], step)
            case .copy(_, let target, _, _): note([target], step)
            case .unpack, .makeFolders, .touch, .makeExecutable, .removeMatching, .restoreBackups: break
            }
        }
    }

    /// Notes paths inside the main tree.
    private mutating func note(_ files: [String], _ step: PrepStep, isCarriedOut: Bool = true) {
        guard changes.count < 1000 else { return }
        for file in files {
            let inside = main.isEmpty ? file : file.hasPrefix(main + "/") ? String(file.dropFirst(main.count + 1)) : ""
            // A whole tree that comes or goes is another matter.
            if !inside.isEmpty {
                changes.append(Change(path: inside, line: step.line, isCarriedOut: isCarriedOut))
            } else if !isCarriedOut, file.isEmpty || file == main || main.hasPrefix(file + "/") {
                changes.append(Change(path: "*", line: step.line, isCarriedOut: false))
            }
        }
    }

    private mutating func compare(_ entry: SeriesEntry) {
        guard entry.isIncluded, let patch = try? PatchSeries.load(entry) else { return }
        let names = Self.names(patch.blob.bytes, strip: entry.strip)
        for change in changes {
            guard let name = names.first(where: { Self.concerns(change.path, $0) }) else { continue }
            let remark = SeriesRemark(
                position: SeriesPosition(file: spec, line: change.line),
                text:
                    "'\(name)' is changed here, before the patch '\(entry.name)' of line \(entry.position.line) changes it"
            )
            if !forSeries.contains(remark) { forSeries.append(remark) }
            if !change.isCarriedOut, !forImport.contains(remark) { forImport.append(remark) }
        }
    }

    private static func concerns(_ path: String, _ name: String) -> Bool {
        path == name || path == "*" || name.hasPrefix(path + "/")
            || path.contains { "*?[".contains($0) } && fnmatch(path, name, FNM_PATHNAME) == 0
    }

    /// The files that a patch names.
    private static func names(_ bytes: [UInt8], strip: Int) -> Set<String> {
        var names: Set<String> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let isHeader = ["--- ", "+++ ", "rename from ", "rename to ", "copy to "].first {
                line.starts(with: $0.utf8)
            }
            guard let isHeader else { continue }
            let rest = line.dropFirst(isHeader.utf8.count).prefix {
                $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r")
            }
            let path = String(decoding: rest, as: UTF8.self)
            let drop = isHeader.hasSuffix("m ") || isHeader.hasSuffix("o ") ? 0 : strip
            names.insert(path.split(separator: "/").dropFirst(drop).joined(separator: "/"))
        }
        return names
    }
}
