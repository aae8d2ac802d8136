import Bytes
public import DebianPackages
public import SystemPackage

/// Where a kernel source comes from.
public enum SourceLocation: Sendable, CustomStringConvertible {
    /// A folder with an unpacked kernel source. It is copied, never changed.
    case folder(FilePath)
    /// A tar archive under any compression, with the tree at its top or in its one folder.
    case archive(FilePath)
    /// A `linux-source-*` package file: a tar archive inside a `.deb`.
    case packageFile(FilePath)
    /// A Debian source package by its `.dsc`; its other files lie beside it.
    case sourcePackage(FilePath)
    /// A `linux-source-*` package of a Debian suite, from the machine's own mirror.
    case package(PackageRequest, suite: String)

    /// Tells what kind of source a path is, by what is there rather than by its name.
    /// - Throws: ``KernelTreeError/missing(path:)`` or ``KernelTreeError/unknownFormat(path:)``.
    public static func detect(_ path: FilePath) throws(KernelTreeError) -> SourceLocation {
        if Files.isDirectory(path) { return .folder(path) }
        guard Files.isRegular(path) else {
            throw Files.exists(path) ? .unknownFormat(path: path) : .missing(path: path)
        }
        let head: [UInt8]
        do {
            head = try Head.read(path, count: 512)
        } catch { throw .system(error) }
        if head.starts(with: "!<arch>\n".utf8) { return .packageFile(path) }
        if path.extension == "dsc" { return .sourcePackage(path) }
        return .archive(path)
    }

    /// The path, or `PACKAGE of SUITE`.
    public var description: String {
        switch self {
        case .folder(let path), .archive(let path), .packageFile(let path), .sourcePackage(let path): path.string
        case .package(let request, let suite): "\(request) of \(suite)"
        }
    }
}

/// The beginning of a file.
enum Head {
    static func read(_ path: FilePath, count: Int) throws(BytesError) -> [UInt8] {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter {
                try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                    filled = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
        } catch { throw BytesError(path: path, operation: "read", errno: (error as? Errno) ?? .ioError) }
    }
}
