import Bytes
import Glibc
import Synchronization
public import SystemPackage

/// A temporary folder that goes when the test program ends (an object's lifetime may end before its path's last use).
public struct Scratch: Sendable {
    /// The folder.
    public let path: FilePath

    private static let made = Mutex<[FilePath]>([])
    private static let cleaning: Void = {
        atexit { Scratch.made.withLock { for folder in $0 { try? Files.remove(folder) } } }
    }()

    /// Makes the folder.
    public init() throws {
        _ = Self.cleaning
        var template = Array("/tmp/dom0kit-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let folder = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        path = folder
        Self.made.withLock { $0.append(folder) }
    }

    /// Makes a folder in it.
    public func folder(_ name: String) throws -> FilePath {
        let folder = path.pushing(FilePath(name))
        try Files.createDirectories(folder)
        return folder
    }

    /// Writes a file in it, with the folders above.
    @discardableResult
    public func file(_ name: String, _ content: [UInt8]) throws -> FilePath {
        let file = path.pushing(FilePath(name))
        try Files.createDirectories(file.removingLastComponent())
        try Files.write(content, to: file)
        return file
    }

    /// Writes a file in it, with the folders above.
    @discardableResult
    public func file(_ name: String, _ text: String) throws -> FilePath { try file(name, Array(text.utf8)) }

    /// What is in one of its files.
    public func read(_ name: String) throws -> [UInt8] { try Files.read(path.pushing(FilePath(name))) }

    /// What is in one of its files, as text.
    public func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Runs a shell script in it; its exit status.
    public func shell(_ script: String) -> Int32 { TestSupport.shell(script, in: path) }
}
