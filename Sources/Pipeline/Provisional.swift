import Archive
import Bytes
import Diagnostics
import Patching
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

enum Provisional {
    static func clone(_ source: FilePath, to target: FilePath) throws {
        guard mkdir(target.string, 0o755) == 0 else { throw BytesError(path: target, operation: "create", errno: Errno(rawValue: errno)) }
        for name in try Files.list(source) {
            let from = source.appending(name), to = target.appending(name)
            var status = stat()
            guard lstat(from.string, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { try clone(from, to: to) } else if link(from.string, to.string) != 0 {
                throw BytesError(path: to, operation: "create", errno: Errno(rawValue: errno))
            }
        }
    }
    static func fingerprint(_ folder: FilePath) throws -> String {
        var stream = DigestStream(.sha256)
        func walk(_ path: FilePath, _ prefix: String) throws {
            for name in try Files.list(path) {
                let below = path.appending(name)
                var status = stat()
                guard lstat(below.string, &status) == 0 else { continue }
                stream.update(Array("\(prefix)\(name) \(status.st_mode) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\n".utf8))
                if status.st_mode & S_IFMT == S_IFDIR { try walk(below, prefix + name + "/") }
            }
        }
        try walk(folder, "")
        return stream.finish()
    }
}
