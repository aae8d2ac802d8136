import Archive
import Bytes
import Concurrency
import Diagnostics
import Glibc
import KernelTree
import Synchronization
import SystemPackage

/// Makes a second tree from one: by hard links, or by copies.
struct TreeCopy: Sendable {
    enum Method { case link, copy }

    var method = Method.copy
    /// Names at the top that are not taken over.
    var leavingOut: Set<String> = []

    init(_ method: Method = .copy, leavingOut: Set<String> = []) {
        self.method = method
        self.leavingOut = leavingOut
    }

    /// Makes the copy; the target must not be there.
    /// - Returns: How many regular files it has.
    func copy(_ source: FilePath, to target: FilePath, progress: any ProgressSink) async throws -> Int {
        try await BlockingWork.run { cancellation in
            guard mkdir(target.string, 0o777) == 0 else { throw FolderWalk.failed(target, .create) }
            let top = try FolderWalk.open(AT_FDCWD, FolderWalk.terminated(Array(target.string.utf8)), target)
            defer { close(top) }
            // Folders first, on one thread, so that the two that follow find each other's.
            _ = try FolderWalk(root: source, leavingOut: leavingOut, threads: 1).run(cancellation, initial: { 0 }) {
                _, entry in
                guard entry.status.st_mode & S_IFMT == S_IFDIR else { return }
                let name = FolderWalk.terminated(entry.path)
                // The owner can always write: a tree is there to be patched.
                guard mkdirat(top, name, entry.status.st_mode & 0o777 | 0o700) == 0 else {
                    throw FolderWalk.failed(Self.path(target, entry.path), .create)
                }
            }
            let done = Atomic<Int>(0)
            let counts = try FolderWalk(root: source, leavingOut: leavingOut).run(cancellation, initial: { 0 }) {
                count, entry in
                let kind = entry.status.st_mode & S_IFMT
                if kind == S_IFDIR { return }
                guard kind == S_IFREG || kind == S_IFLNK else { return }
                if kind == S_IFREG {
                    count += 1
                    let total = done.add(1, ordering: .relaxed).newValue
                    if total % 512 == 0 {
                        if cancellation.isCancelled { throw KernelTreeError.cancelled(what: "copying \(source)") }
                        progress.report(
                            .advanced(done: total, total: nil, item: String(decoding: entry.path, as: UTF8.self)))
                    }
                }
                try transfer(entry, to: top, FolderWalk.terminated(entry.path), Self.path(target, entry.path))
            }
            return counts.reduce(0, +)
        }
    }

    private static func path(_ root: FilePath, _ relative: [UInt8]) -> FilePath {
        root.pushing(FilePath(String(decoding: relative, as: UTF8.self)))
    }

    private func transfer(
        _ entry: FolderWalk.Entry, to top: Int32, _ name: [CChar], _ path: @autoclosure () -> FilePath
    ) throws {
        if method == .link {
            if linkat(entry.folder, entry.name, top, name, 0) == 0 { return }
            // Another file system, or a file with as many links as it can have: a copy does as well.
            guard [EXDEV, EMLINK, EPERM].contains(errno) else { throw FolderWalk.failed(path(), .create) }
        }
        let times = [entry.status.st_mtim, entry.status.st_mtim]
        if entry.status.st_mode & S_IFMT == S_IFLNK {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let length = readlinkat(entry.folder, entry.name, &target, target.count - 1)
            guard length >= 0 else { throw FolderWalk.failed(path()) }
            target[length] = 0
            guard symlinkat(target, top, name) == 0, utimensat(top, name, times, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw FolderWalk.failed(path(), .create)
            }
            return
        }
        let input = openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard input >= 0 else { throw FolderWalk.failed(path()) }
        defer { close(input) }
        let output = openat(top, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw FolderWalk.failed(path(), .create) }
        defer { close(output) }
        try Self.copyContent(from: input, to: output, path())
        guard fchmod(output, entry.status.st_mode & 0o777 | 0o600) == 0, futimens(output, times) == 0 else {
            throw FolderWalk.failed(path(), .write)
        }
    }

    private static func copyContent(from input: Int32, to output: Int32, _ path: @autoclosure () -> FilePath) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw FolderWalk.failed(path()) }
            if count == 0 { return }
            var done = 0
            while done < count {
                let written = buffer.withUnsafeBytes {
                    $0.baseAddress.map { write(output, $0 + done, count - done) } ?? -1
                }
                if written < 0, errno == EINTR { continue }
                if written <= 0 { throw FolderWalk.failed(path(), .write) }
                done += written
            }
        }
    }
}
