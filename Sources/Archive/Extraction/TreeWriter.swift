import Bytes
import Glibc
import SystemPackage

/// Writes entries below one folder and nowhere else.
///
/// Steps, for every entry:
/// 1. Each folder above it is one this writer made (or, when merging, found to be a real folder), and is entered by way of
///    ``Beneath``: no link is ever followed, whoever changes the folder meanwhile.
/// 2. What is at its place already is unlinked (later entries win, as tar has it); a folder is never replaced.
/// 3. It is made with `O_EXCL|O_NOFOLLOW` relative to its folder's descriptor.
/// 4. Folders get their times and modes at the very end.
struct TreeWriter: ~Copyable {
    private let root: Beneath
    private let rootPath: FilePath
    private let archive: String
    private let merging: Bool
    private var folders: Set<EntryPath> = [.top]
    private var folderOrders: [(path: EntryPath, permissions: UInt32, modified: FileTime)] = []
    private var parent: (path: EntryPath, folder: Beneath)?
    private var open: (path: EntryPath, descriptor: Int32, modified: FileTime)?

    init(into folder: FilePath, merging: Bool, archive: String) throws(ArchiveError) {
        self.archive = archive
        self.merging = merging
        rootPath = folder
        do throws(Errno) {
            root = try Beneath(opening: folder)
        } catch {
            throw ArchiveError(archive, .system(BytesError(path: folder, operation: .create, errno: error)))
        }
    }

    deinit {
        if let open { close(open.descriptor) }
    }

    /// Carries out one order.
    mutating func write(_ order: WriteOrder) throws(ArchiveError) {
        switch order {
        case .directory(let path, let permissions, let modified):
            try makeFolder(path)
            folderOrders.append((path, permissions, modified))
        case .file(let path, let permissions, let modified, let content, let complete):
            try create(path, permissions: permissions, modified: modified)
            try append(content, complete: complete)
        case .more(let content, let complete):
            try append(content, complete: complete)
        case .symlink(let path, let target, let modified):
            try place(path) { symlinkat(target.map { CChar(bitPattern: $0) } + [0], $0, $1) }
            let times = [Self.time(modified), Self.time(modified)]
            try inParent(of: path) { utimensat($0, $1, times, AT_SYMLINK_NOFOLLOW) }
        case .hardLink(let path, let target):
            guard folders.contains(target.parent), !target.isTop else {
                throw ArchiveError(
                    archive, entry: path.text, .unsafe("it links to \(target.text), which is not unpacked"))
            }
            guard path != target else { return }
            let old = try folder(target.parent)
            let oldName = target.name.map { CChar(bitPattern: $0) } + [0]
            try place(path) { linkat(old.number, oldName, $0, $1, 0) }
        }
    }

    /// Gives the folders their modes and times. Deepest first, so that a read-only folder does not lock out its contents.
    mutating func finish() throws(ArchiveError) {
        for order in folderOrders.reversed() {
            let permissions = order.permissions & 0o777 | 0o700
            if order.path.isTop { continue }
            try inParent(of: order.path) { fchmodat($0, $1, permissions, 0) }
            let times = [Self.time(order.modified), Self.time(order.modified)]
            try inParent(of: order.path) { utimensat($0, $1, times, AT_SYMLINK_NOFOLLOW) }
        }
    }

    private mutating func create(_ path: EntryPath, permissions: UInt32, modified: FileTime) throws(ArchiveError) {
        // The owner can always read and write: the tree is there to be patched and built.
        let mode = permissions & 0o777 | 0o600
        var descriptor: Int32 = -1
        try place(path) {
            descriptor = openat($0, $1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            return descriptor
        }
        open = (path, descriptor, modified)
        if fchmod(descriptor, mode) != 0 { throw failed(path) }
    }

    private mutating func append(_ content: [UInt8], complete: Bool) throws(ArchiveError) {
        guard let file = open else { return }
        var done = 0
        while done < content.count {
            let count = content.withUnsafeBytes { piece in
                piece.baseAddress.map { Glibc.write(file.descriptor, $0 + done, piece.count - done) } ?? -1
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw failed(file.path) }
            done += count
        }
        if complete {
            let times = [Self.time(file.modified), Self.time(file.modified)]
            let timed = futimens(file.descriptor, times)
            open = nil
            if timed != 0 || close(file.descriptor) != 0 { throw failed(file.path) }
        }
    }

    private mutating func makeFolder(_ path: EntryPath) throws(ArchiveError) {
        if folders.contains(path) { return }
        try makeFolder(path.parent)
        var exists = false
        try inParent(of: path) {
            let result = mkdirat($0, $1, 0o777)
            exists = result != 0 && errno == EEXIST
            return exists ? 0 : result
        }
        if exists {
            guard merging else {
                throw ArchiveError(archive, entry: path.text, .unsafe("a file or link is where a folder is needed"))
            }
            var status = stat()
            try inParent(of: path) { fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw ArchiveError(archive, entry: path.text, .unsafe("a file or link is where a folder is needed"))
            }
        }
        folders.insert(path)
    }

    /// Runs `make` with the folder's descriptor and the entry's name, replacing what is there already.
    private mutating func place(_ path: EntryPath, _ make: (Int32, UnsafePointer<CChar>) -> Int32) throws(ArchiveError)
    {
        guard !path.isTop else {
            throw ArchiveError(archive, .unsafe("an entry would replace the top folder of the tree"))
        }
        try makeFolder(path.parent)
        try inParent(of: path) { folder, name in
            let result = make(folder, name)
            guard result < 0, errno == EEXIST else { return result }
            return unlinkat(folder, name, 0) == 0 ? make(folder, name) : -1
        }
    }

    /// Runs a system call on an entry; a negative result is an error.
    private mutating func inParent(
        of path: EntryPath, _ call: (Int32, UnsafePointer<CChar>) -> Int32
    ) throws(ArchiveError) {
        let folder = try folder(path.parent).number
        let name = path.name.map { CChar(bitPattern: $0) } + [0]
        let result = name.withUnsafeBufferPointer { $0.baseAddress.map { call(folder, $0) } ?? -1 }
        if result < 0 { throw failed(path) }
    }

    /// A folder of the tree; the last one is kept open, as archives go folder by folder.
    private mutating func folder(_ path: EntryPath) throws(ArchiveError) -> Beneath {
        if path.isTop { return root }
        if let parent, parent.path == path { return parent.folder }
        parent = nil
        do throws(Errno) {
            let opened = try root.folder(path.bytes)
            parent = (path, opened)
            return opened
        } catch { throw failed(path, error) }
    }

    private func failed(_ path: EntryPath, _ error: Errno = Errno(rawValue: errno)) -> ArchiveError {
        let full = path.isTop ? rootPath : rootPath.pushing(path.filePath)
        let operation: BytesError.Operation =
            [.noSpace, .diskQuotaExceeded, .ioError].contains(error) ? .write : .create
        return ArchiveError(
            archive, entry: path.text, .system(BytesError(path: full, operation: operation, errno: error)))
    }

    private static func time(_ time: FileTime) -> timespec {
        timespec(tv_sec: time.seconds, tv_nsec: min(max(time.nanoseconds, 0), 999_999_999))
    }
}
