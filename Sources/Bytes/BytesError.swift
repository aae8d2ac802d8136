public import Diagnostics
public import SystemPackage

/// Why reading or writing a file failed.
public struct BytesError: DiagnosedError {
    /// What was being done; the raw value is the verb of the message.
    public enum Operation: String, Sendable, CaseIterable {
        /// Opening or reading what should be there.
        case read
        /// Writing content, flushing it, or putting it in its place.
        case write
        /// Making a file or folder.
        case create
        /// Removing a file or folder.
        case remove
    }

    /// The file or folder concerned.
    public let path: FilePath
    /// What was being done.
    public let operation: Operation
    /// What the system said.
    public let errno: Errno

    /// Records a failed system call.
    public init(path: FilePath, operation: Operation, errno: Errno) {
        self.path = path
        self.operation = operation
        self.errno = errno
    }

    /// Missing or unreadable input, a place where nothing can be created, or an I/O error.
    public var category: ErrorCategory {
        switch (operation, errno) {
        case (.read, .noSuchFileOrDirectory), (.read, .permissionDenied), (.read, .notDirectory), (.read, .isDirectory):
            .missingInput
        case (_, .noSpace), (_, .ioError), (_, .fileTooLarge), (_, .diskQuotaExceeded), (.read, _): .inputOutput
        default: .cannotCreate
        }
    }

    /// `cannot read PATH: No such file or directory`.
    public var message: String { "cannot \(operation.rawValue) \(path): \(errno)" }

    /// A hint for the errors with a usual cure.
    public var remedy: String? {
        switch errno {
        case .noSpace, .diskQuotaExceeded: "free some disk space, then run it again"
        case .readOnlyFileSystem: "choose a folder that can be written to"
        case .permissionDenied where operation != .read: "choose a folder that can be written to"
        default: nil
        }
    }
}
