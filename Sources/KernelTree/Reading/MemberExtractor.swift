import Archive
import Glibc
import Patching
import SystemPackage

/// Takes some files out of an archive as it streams by, and what stands in the way of others.
///
/// The tree is at the archive's top, or in the one folder that has a Makefile (or that is all there is). Which one shows
/// only at the end, so both are followed.
struct MemberExtractor {
    /// The largest single file that is kept, in bytes.
    static let largest = 1 << 30

    /// What was found under a possible top of the tree.
    private struct Found {
        var files: [RelativePath: TreeFile] = [:]
        /// What is in the place of folders on the way to the files asked for.
        var blockers: [RelativePath: TreeFileKind] = [:]
        /// Hard links with the names they point to, below the same top.
        var links: [RelativePath: RelativePath] = [:]
        var hasMakefile = false
    }

    /// What an archive has.
    typealias Result = (
        files: [RelativePath: TreeFile], open: [RelativePath: RelativePath], names: [RelativePath]
    )

    private let wanted: Set<RelativePath>
    private let folders: Set<RelativePath>
    private let isAtTop: Bool
    private var found: [[UInt8]: Found] = [[]: Found()]
    private var topNames: Set<[UInt8]> = []
    private var topFiles = false
    /// The names of all plain files, as the archive has them.
    private var names: [RelativePath] = []
    private var lastParent: RelativePath?

    /// - Parameter isAtTop: Whether the tree is known to be at the archive's top.
    init(_ wanted: some Sequence<RelativePath>, isAtTop: Bool = false) {
        self.wanted = Set(wanted)
        self.isAtTop = isAtTop
        folders = Set(self.wanted.flatMap(\.parents))
    }

    /// Looks at an entry.
    mutating func take(_ entry: ArchiveEntry, _ content: EntryContent) throws {
        guard let path = RelativePath(Self.bytes(entry.path)) else { return }
        let bytes = path.bytes
        let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
        let first = slash.map { Array(bytes[..<$0]) } ?? bytes
        topNames.insert(first)
        if slash == nil, entry.kind != .directory { topFiles = true }
        if case .file = entry.kind { names.append(path) }
        try noteFolders(above: path)
        var kept: Blob?
        try note(path, below: [], entry, content, &kept)
        if !isAtTop, let slash, let inner = RelativePath(bytes[(slash + 1)...]) {
            try note(inner, below: first, entry, content, &kept)
        }
    }

    private mutating func note(
        _ path: RelativePath, below top: [UInt8], _ entry: ArchiveEntry, _ content: EntryContent, _ kept: inout Blob?
    ) throws {
        let permissions = UInt16(truncatingIfNeeded: entry.permissions)
        if path.bytes == Array("Makefile".utf8), entry.kind == .file { found[top, default: Found()].hasMakefile = true }
        if folders.contains(path) {
            switch entry.kind {
            case .directory: found[top, default: Found()].blockers[path] = nil
            case .symlink: found[top, default: Found()].blockers[path] = .behindLink
            default: found[top, default: Found()].blockers[path] = .belowFile
            }
        }
        guard wanted.contains(path) else { return }
        if case .hardLink(let target) = entry.kind, Self.bytes(target) == Self.bytes(entry.path) {
            // The same file, packed twice.
            return
        }
        found[top, default: Found()].links[path] = nil
        switch entry.kind {
        case .file:
            let blob = try kept ?? Self.blob(entry, content)
            kept = blob
            found[top, default: Found()].files[path] = TreeFile(permissions: permissions, content: blob)
        case .symlink(let target):
            found[top, default: Found()].files[path] = TreeFile(
                kind: .symbolicLink, permissions: 0o777, content: Blob(Self.bytes(target)))
        case .hardLink(let target):
            guard let whole = RelativePath(Self.bytes(target)),
                let place = top.isEmpty ? whole : Self.below(top, whole)
            else { return }
            found[top, default: Found()].files[path] = nil
            found[top, default: Found()].links[path] = place
        case .directory: found[top, default: Found()].files[path] = Self.folder
        case .device, .other:
            found[top, default: Found()].files[path] = TreeFile(
                kind: .special, permissions: permissions, content: .empty)
        }
    }

    private static let folder = TreeFile(kind: .directory, permissions: 0o755, content: .empty)

    /// Folders need no entries of their own.
    private mutating func noteFolders(above path: RelativePath) throws {
        guard let parent = path.parent, parent != lastParent else { return }
        lastParent = parent
        for folder in parent.parents + [parent] {
            if wanted.contains(folder) { found[[]]?.files[folder] = Self.folder }
            guard !isAtTop, let slash = folder.bytes.firstIndex(of: UInt8(ascii: "/")),
                let inner = RelativePath(folder.bytes[(slash + 1)...]), wanted.contains(inner)
            else { continue }
            found[Array(folder.bytes[..<slash]), default: Found()].files[inner] = Self.folder
        }
    }

    /// What the tree has at the paths asked for.
    /// - Returns: The files, the hard links whose targets were not among them, and the names of all plain files.
    /// - Throws: ``KernelTreeError/noKernel(source:reason:)`` where there are several trees.
    func result(of source: String) throws(KernelTreeError) -> Result {
        let top = try top(of: source)
        let found = found[top] ?? Found()
        var files: [RelativePath: TreeFile] = [:]
        var open: [RelativePath: RelativePath] = [:]
        for path in wanted {
            if let kind = path.parents.lazy.compactMap({ found.blockers[$0] }).first {
                files[path] = TreeFile(kind: kind, permissions: 0, content: .empty)
            } else if let target = found.links[path] {
                if let file = found.files[target] { files[path] = file } else { open[path] = target }
            } else {
                files[path] = found.files[path]
            }
        }
        return (files, open, top.isEmpty ? names : names.compactMap { Self.below(top, $0) })
    }

    private func top(of source: String) throws(KernelTreeError) -> [UInt8] {
        if isAtTop || found[[]]?.hasMakefile == true { return [] }
        let trees = found.filter { $0.value.hasMakefile }.keys.sorted { $0.lexicographicallyPrecedes($1) }
        if trees.count > 1 {
            let names = trees.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
            throw .noKernel(source: source, reason: "it holds several source trees: \(names)")
        }
        if let only = trees.first { return only }
        if topNames.count == 1, !topFiles, let only = topNames.first { return only }
        return []
    }

    private static func below(_ top: [UInt8], _ path: RelativePath) -> RelativePath? {
        guard path.bytes.starts(with: top + [UInt8(ascii: "/")]) else { return nil }
        return RelativePath(path.bytes[(top.count + 1)...])
    }

    private static func bytes(_ path: FilePath) -> [UInt8] {
        path.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    private static func blob(_ entry: ArchiveEntry, _ content: EntryContent) throws -> Blob {
        try Blob(capacity: min(entry.size, largest)) { (target) throws(any Error) in
            var filled = 0
            try content.forEachPiece { piece in
                guard piece.count <= target.count - filled else {
                    throw KernelTreeError.noKernel(
                        source: entry.path.string, reason: "the file is larger than the archive says")
                }
                UnsafeMutableRawBufferPointer(rebasing: target[filled...]).copyMemory(from: piece)
                filled += piece.count
            }
            guard filled == entry.size else {
                throw KernelTreeError.noKernel(
                    source: entry.path.string, reason: "the file is shorter than the archive says, or too large")
            }
            return filled
        }
    }
}
