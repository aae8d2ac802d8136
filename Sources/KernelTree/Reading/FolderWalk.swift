import Bytes
import Concurrency
import Glibc
import SystemPackage

/// Walks a folder with several threads, folder by folder, with descriptors rather than whole paths.
///
/// Steps:
/// 1. The folders to a small depth are listed: each becomes a job, in the order of their paths.
/// 2. The threads take jobs from a shared counter; a job below that depth walks everything under its folder.
/// 3. Each job's result is kept in its own place, so that the outcome does not depend on who was faster.
package struct FolderWalk: Sendable {
    /// One entry of a folder.
    package struct Entry {
        /// The folder it lies in.
        package let folder: Int32
        /// Its name, terminated by NUL.
        package let name: [CChar]
        /// Its path from the top.
        package let path: [UInt8]
        /// What lstat(2) says of it.
        package let status: stat
    }

    /// A folder being walked.
    private struct Job: Sendable {
        let path: [UInt8]
        let deep: Bool
    }

    /// The folder.
    package let root: FilePath
    /// Names at the top that are not walked.
    package var leavingOut: Set<String> = []
    /// How many threads walk.
    package var threads = 2

    /// Prepares a walk of a folder.
    package init(root: FilePath, leavingOut: Set<String> = [], threads: Int = 2) {
        self.root = root
        self.leavingOut = leavingOut
        self.threads = threads
    }

    /// Calls `body` for every entry but the top itself, a folder before its content, names in bytewise order within a
    /// folder. Calls for different jobs run at the same time; each has its own `state`.
    /// - Returns: Every job's state, in a stable order. A folder's job comes before those of the folders in it.
    package func run<State: Sendable>(
        _ cancellation: BlockingWork.Cancellation, initial: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, Entry) throws -> Void
    ) throws -> [State] {
        let top = try Self.open(
            AT_FDCWD, root.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }, root)
        defer { close(top) }
        let jobs = try plan(top)
        return try Parallel.map(count: jobs.count, workers: threads) { index in
            if cancellation.isCancelled { throw KernelTreeError.cancelled(what: "walking \(root)") }
            var state = initial()
            let job = jobs[index]
            if job.path.isEmpty {
                try walk(top, path: [], deep: job.deep, &state, body)
            } else {
                let folder = try Self.open(top, Self.terminated(job.path), full(job.path))
                defer { close(folder) }
                try walk(folder, path: job.path, deep: job.deep, &state, body)
            }
            return state
        }
    }

    /// The top and its folders flat, and the folders in those with all that is below them.
    private func plan(_ top: Int32) throws -> [Job] {
        var jobs = [Job(path: [], deep: false)]
        for name in try Self.names(top, root) {
            guard !leavingOut.contains(String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)) else {
                continue
            }
            guard let status = Self.status(top, name), status.st_mode & S_IFMT == S_IFDIR else { continue }
            let path = name.map { UInt8(bitPattern: $0) }
            jobs.append(Job(path: path, deep: false))
            let folder = try Self.open(top, name + [0], full(path))
            defer { close(folder) }
            for inner in try Self.names(folder, full(path)) {
                guard let status = Self.status(folder, inner), status.st_mode & S_IFMT == S_IFDIR else { continue }
                jobs.append(Job(path: path + [UInt8(ascii: "/")] + inner.map { UInt8(bitPattern: $0) }, deep: true))
            }
        }
        return jobs
    }

    private func walk<State>(
        _ folder: Int32, path: [UInt8], deep: Bool, _ state: inout State, _ body: (inout State, Entry) throws -> Void
    ) throws {
        for name in try Self.names(folder, full(path)) {
            let bytes = name.map { UInt8(bitPattern: $0) }
            if path.isEmpty, leavingOut.contains(String(decoding: bytes, as: UTF8.self)) { continue }
            let inner = path.isEmpty ? bytes : path + [UInt8(ascii: "/")] + bytes
            guard let status = Self.status(folder, name) else { throw Self.failed(full(inner)) }
            let terminated = name + [0]
            try body(&state, Entry(folder: folder, name: terminated, path: inner, status: status))
            guard deep, status.st_mode & S_IFMT == S_IFDIR else { continue }
            let descriptor = try Self.open(folder, terminated, full(inner))
            defer { close(descriptor) }
            try walk(descriptor, path: inner, deep: true, &state, body)
        }
    }

    private func full(_ path: [UInt8]) -> FilePath {
        Self.terminated(path).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { root.pushing(FilePath(platformString: $0)) } ?? root
        }
    }

    /// A path for a system call.
    package static func terminated(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    /// The error of the system call that has just failed.
    package static func failed(_ path: FilePath, _ operation: BytesError.Operation = .read) -> KernelTreeError {
        .system(BytesError(path: path, operation: operation, errno: Errno(rawValue: errno)))
    }

    /// Opens a folder that is not a link, below another.
    package static func open(_ folder: Int32, _ name: [CChar], _ path: FilePath) throws -> Int32 {
        let descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor < 0 { throw failed(path) }
        return descriptor
    }

    private static func status(_ folder: Int32, _ name: [CChar]) -> stat? {
        var status = stat()
        return fstatat(folder, name + [0], &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// The names in a folder in bytewise order, not terminated.
    private static func names(_ folder: Int32, _ path: FilePath) throws -> [[CChar]] {
        // The stream takes over the descriptor it is given.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            throw failed(path)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if name == [46] || name == [46, 46] { continue }
            names.append(name)
        }
        return names.sorted { left, right in
            left.lexicographicallyPrecedes(right) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
        }
    }
}
