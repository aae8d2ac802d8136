import Bytes
import Concurrency
import SystemPackage

/// A Debian source package whose parts were held against the checksums in its `.dsc`.
package struct SourcePackage: Sendable {
    /// The `.dsc`.
    package let path: FilePath
    /// What the `.dsc` says.
    package let control: SourceControl

    /// Reads the `.dsc` and verifies the parts.
    /// - Throws: ``KernelTreeError/missingPart(of:name:)``, ``KernelTreeError/wrongChecksum(path:of:)``,
    ///   ``KernelTreeError/wrongSize(path:of:said:found:)`` or `BytesError`.
    package init(_ path: FilePath) async throws {
        self.path = path
        let control = try SourceControl(try Files.read(path), path: path)
        self.control = control
        let folder = path.removingLastComponent()
        try await BlockingWork.run { cancellation in
            for part in control.parts {
                if cancellation.isCancelled { throw KernelTreeError.cancelled(what: "reading \(path)") }
                let file = folder.appending(part.name)
                guard Files.isRegular(file) else { throw KernelTreeError.missingPart(of: path, name: part.name) }
                guard try Digest(ofFile: file) == part.digest else {
                    throw KernelTreeError.wrongChecksum(path: file, of: path)
                }
                // A control file that contradicts itself is refused by dpkg-source too.
                let size = try Files.size(of: file)
                guard size == part.size else {
                    throw KernelTreeError.wrongSize(path: file, of: path, said: part.size, found: size)
                }
            }
        }
    }
}
