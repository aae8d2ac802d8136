import Archive
import Bytes
public import Diagnostics
public import SystemPackage

/// Why an image could not be read. An image that is not a dom0 is not an error but a fact.
public enum ImageError: DiagnosedError {
    /// The file could not be read.
    case file(any DiagnosedError)
    /// Neither a bzImage nor an ELF file, compressed or not.
    case unknownFormat(FilePath, looksLike: String?)
    /// The image is cut short or contradicts itself.
    case malformed(FilePath, reason: String)
    /// The image is larger, or becomes larger, than any kernel is.
    case tooLarge(FilePath, limit: Int)
    /// The payload's compression is known, but cannot be undone here.
    case undecodable(FilePath, compression: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .file(let error): error.category
        case .unknownFormat, .malformed, .tooLarge: .malformedInput
        case .undecodable: .missingTool
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .file(let error): error.message
        case .unknownFormat(let path, let looks):
            "\(path) is not an x86 kernel image" + (looks.map { ": it looks like \($0)" } ?? "")
        case .malformed(let path, let reason): "\(path) is not a well-formed kernel image: \(reason)"
        case .tooLarge(let path, let limit): "\(path): larger than \(limit >> 20) MiB, which is not a kernel"
        case .undecodable(let path, let compression):
            "\(path): its payload is compressed with \(compression), which is not supported on this machine"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .file(let error): error.remedy
        case .unknownFormat: "give a bzImage (vmlinuz) or vmlinux"
        case .malformed: "it may be truncated or damaged; build or copy it again"
        case .tooLarge: nil
        case .undecodable: "inspect the vmlinux it was made of, or build it with another compression (CONFIG_KERNEL_XZ)"
        }
    }
}
