import Bytes
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A temporary folder that goes when the test program ends (an object's lifetime may end before its path's last use).
struct Scratch: Sendable {
    let path: FilePath

    private static let made = Mutex<[FilePath]>([])
    private static let cleaning: Void = {
        atexit { Scratch.made.withLock { for folder in $0 { try? Files.remove(folder) } } }
    }()

    init() throws {
        _ = Self.cleaning
        var template = Array("/tmp/dom0kit-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let folder = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        path = folder
        Self.made.withLock { $0.append(folder) }
    }

    /// Makes a folder in it.
    func folder(_ name: String) throws -> FilePath {
        try Files.createDirectories(path.appending(name))
        return path.appending(name)
    }

    /// Writes a file in it.
    @discardableResult
    func file(_ name: String, _ content: [UInt8]) throws -> FilePath {
        let file = path.appending(name)
        try Files.createDirectories(file.removingLastComponent())
        try Files.write(content, to: file)
        return file
    }
}

/// Runs a shell script in a folder; its exit status.
func shell(_ script: String, in folder: FilePath) -> Int32 {
    system("exec >/dev/null 2>&1; cd '\(folder)' || exit 1; \(script)")
}

/// Whether a tool is on this machine.
func hasTool(_ name: String) -> Bool { system("command -v \(name) >/dev/null 2>&1") == 0 }
