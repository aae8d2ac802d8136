import Archive
import Bytes
import SystemPackage

/// Takes the output of `git cat-file --batch` and writes each blob to its file below a folder.
struct BlobWriter: ~Copyable {
    private let root: Beneath
    private let folder: FilePath
    private let paths: [[UInt8]]
    private let modes: [String]
    private let repository: FilePath
    /// How many blobs are done.
    private(set) var done = 0
    /// The symbolic links, which are made last.
    private(set) var links: [(path: [UInt8], target: [UInt8])] = []
    private var pending: [UInt8] = []
    private var folders: Set<[UInt8]> = []

    /// Writes to an empty folder.
    init(folder: FilePath, paths: [[UInt8]], modes: [String], repository: FilePath) throws(KernelTreeError) {
        (self.folder, self.paths, self.modes, self.repository) = (folder, paths, modes, repository)
        do throws(Errno) {
            root = try Beneath(opening: folder)
        } catch { throw .system(BytesError(path: folder, operation: .create, errno: error)) }
    }

    /// The path of the next blob, for display.
    var current: String { done < paths.count ? String(decoding: paths[done], as: UTF8.self) : "" }

    /// Takes more output: `OBJECT TYPE SIZE`, a line end, the content, a line end.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(KernelTreeError) {
        pending.append(contentsOf: bytes)
        var start = 0
        while done < paths.count {
            guard let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            let words = String(decoding: pending[start..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[1] == "blob", let size = Int(words[2]), size >= 0 else {
                throw .damagedRepository(
                    repository: repository, reason: "\(current): \(words.joined(separator: " "))")
            }
            guard pending.count - end - 1 > size else { break }
            try write(pending[(end + 1)..<(end + 1 + size)])
            done += 1
            start = end + 1 + size + 1
        }
        if start > 0 { pending.removeFirst(start) }
    }

    private mutating func write(_ content: ArraySlice<UInt8>) throws(KernelTreeError) {
        let path = paths[done]
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !parts.isEmpty, !parts.contains(where: { $0.isEmpty || $0 == [46] || $0 == [46, 46] }) else {
            throw .damagedRepository(
                repository: repository, reason: "the name '\(current)' leads outside the tree")
        }
        let parent = Array(parts.dropLast().joined(separator: [UInt8(ascii: "/")]))
        let isNew = !parent.isEmpty && folders.insert(parent).inserted
        try attempt { () throws(Errno) in if isNew { try root.makeFolders(parent, permissions: 0o755) } }
        if modes[done] == "120000" {
            links.append((path, Array(content)))
            return
        }
        let permissions: UInt32 = modes[done] == "100755" ? 0o755 : 0o644
        try attempt { () throws(Errno) in try root.create(path, content, permissions: permissions) }
    }

    /// Makes the links, once it is known that none of them leads outside.
    /// - Throws: ``KernelTreeError/damagedRepository(repository:reason:)`` for one that does.
    mutating func makeLinks() throws(KernelTreeError) {
        if let fault = SymbolicLinks.fault(links) {
            throw .damagedRepository(repository: repository, reason: fault)
        }
        for (path, target) in links { try attempt { () throws(Errno) in try root.makeLink(path, to: target) } }
    }

    private func attempt(_ body: () throws(Errno) -> Void) throws(KernelTreeError) {
        do throws(Errno) { try body() } catch {
            throw .system(BytesError(path: folder.pushing(FilePath(current)), operation: .write, errno: error))
        }
    }
}
