import Bytes
import Glibc
import Merging
import Patching
import Series
import SystemPackage

/// The folder of a new series: written beside its place and put there in one step, so that a run that is killed leaves the
/// folder as it was.
struct RebaseFolder {
    /// Where it is.
    let path: FilePath
    /// Where it is written until it is whole.
    private let staging: FilePath
    private let lock: Beneath

    static let conflicts = "conflicts"
    static let resolutions = "resolutions"

    /// Makes room for a new one, and removes what killed runs have left.
    /// - Throws: ``PortingError/busy(folder:)`` where another run is at it, `BytesError`.
    init(_ path: FilePath) throws {
        self.path = path
        let above = path.removingLastComponent()
        let prefix = ".\(path.lastComponent?.string ?? "series").rebase-"
        for name in try Files.list(above) where name.hasPrefix(prefix) {
            let left = above.appending(name)
            guard let folder = try? Beneath(opening: left) else { continue }
            guard flock(folder.number, LOCK_EX | LOCK_NB) == 0 else { throw PortingError.busy(folder: path) }
            try Files.remove(left)
        }
        staging = above.appending(prefix + String(UInt32.random(in: 0 ... .max), radix: 36))
        try Files.createDirectories(staging)
        do throws(Errno) {
            lock = try Beneath(opening: staging)
        } catch { throw BytesError(path: staging, operation: .create, errno: error) }
        flock(lock.number, LOCK_EX | LOCK_NB)
    }

    /// Removes what was not put in place.
    func discard() { try? Files.remove(staging) }

    /// A patch in conflict with what somebody has made of its files so far.
    typealias Kept = [String: [UInt8]]

    /// Writes the list and the patches, and what could not be moved.
    /// - Parameters:
    ///   - kept: Files below `conflicts` that somebody is working on, in the place of those that are written anew.
    ///   - state: Kept as long as something is in conflict.
    func write(
        _ series: PatchSeries, as dialect: SeriesDialect, _ patches: [(patch: PortedPatch, input: PatchInput)],
        _ resolutions: Resolutions, kept: Kept, state: RebaseState
    ) throws {
        try SeriesWriter.write(series, as: dialect, to: staging)
        for (name, content) in resolutions.files() { try write(content, "\(Self.resolutions)/\(name)") }
        let open = patches.filter { $0.patch.verdict == .conflict }
        for (patch, input) in open {
            let folder = Self.place(of: patch)
            // The patch for the twins was not there before.
            if input.blob.count > 0 { try write(input.blob.bytes, "\(folder)/patch") }
            try write(ConflictText.about(patch, input), "\(folder)/about")
            for file in patch.files {
                if let marked = file.marked { try write(marked, Self.place(of: file, in: patch)) }
            }
        }
        guard !open.isEmpty else { return }
        var state = state
        state.written = try digests()
        for (name, content) in kept { try write(content, name, replacing: true) }
        try state.write(to: staging)
    }

    /// Where a patch in conflict is, below the folder.
    static func place(of patch: PortedPatch) -> String {
        "\(conflicts)/\(FilePath(patch.name).lexicallyNormalized())"
    }

    /// Where the file with both sides is, below the folder.
    static func place(of file: PortedPatch.File, in patch: PortedPatch) -> String {
        "\(place(of: patch))/files/\(FilePath(file.path.string).lexicallyNormalized())"
    }

    private func write(_ content: [UInt8], _ name: String, replacing: Bool = false) throws {
        let target = staging.pushing(FilePath(name))
        if !replacing, Files.exists(target) { throw PortingError.nameTaken(name: name) }
        try Files.createDirectories(target.removingLastComponent())
        try Files.write(content, to: target)
    }

    /// Every file that is there, with the digest of its content.
    private func digests() throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try Self.files(in: staging) {
            found[name] = try Digest(ofFile: staging.pushing(FilePath(name))).hex
        }
        return found
    }

    /// The content of a file below a folder, reached through no link; `nil` where there is no plain file.
    static func content(_ name: String, in folder: FilePath) throws -> [UInt8]? {
        do throws(Errno) {
            let top = try Beneath(opening: folder)
            let path = Array(name.utf8)
            guard try top.status(path)?.kind == .regular else { return nil }
            return try top.read(path)
        } catch Errno.notDirectory, Errno.tooManySymbolicLinkLevels {
            return nil
        } catch { throw BytesError(path: folder.pushing(FilePath(name)), operation: .read, errno: error) }
    }

    /// The files below a folder, links among them, in a stable order.
    static func files(in folder: FilePath) throws -> [String] {
        var names: [String] = []
        do throws(Errno) {
            try Beneath(opening: folder).walk([]) { (path, status) throws(Errno) in
                if status.kind != .folder { names.append(String(decoding: path, as: UTF8.self)) }
                return true
            }
        } catch { throw BytesError(path: folder, operation: .read, errno: error) }
        return names
    }

    /// Puts the new folder in its place, where nothing is.
    func place() throws {
        guard rename(staging.string, path.string) == 0 else {
            throw BytesError(path: path, operation: .create, errno: Errno(rawValue: errno))
        }
    }

    /// Puts the new folder in the place of the old one; files in the old one that are not the kit's come with it.
    /// - Throws: ``PortingError/inTheWay(file:)`` where one has the name of a file of the new series.
    /// - Parameter written: The files in the old one that are the kit's.
    func replace(written: Set<String>) throws {
        for name in try Self.files(in: path) where !written.contains(name) && name != RebaseState.name {
            let (source, target) = (path.pushing(FilePath(name)), staging.pushing(FilePath(name)))
            guard try Self.content(name, in: staging) == nil else { throw PortingError.inTheWay(file: source) }
            try Files.createDirectories(target.removingLastComponent())
            guard link(source.string, target.string) == 0 else {
                throw BytesError(path: target, operation: .create, errno: Errno(rawValue: errno))
            }
        }
        try Files.exchange(staging, path)
        try Files.remove(staging)
    }
}
