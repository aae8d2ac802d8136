import Archive
import SystemPackage

/// The kernel's own archive inside a package.
package enum SourceArchive {
    /// The tar archive inside a `linux-source-*` package.
    package static func kernel(inPackage package: FilePath) -> ArchiveSource {
        .member(of: .debianPackage(package), MemberPattern(prefix: "usr/src/linux-source-"))
    }

    /// The one member of an RPM source package called `linux-*.tar*`.
    /// - Throws: ``KernelTreeError/noKernel(source:reason:)`` or `ArchiveError`.
    package static func kernel(inSourceRPM package: FilePath) throws -> ArchiveSource {
        var names: [String] = []
        try Archives.forEachEntry(in: .file(package)) { entry, _ in
            let name = entry.path.string
            let isSigned = [".sig", ".sign", ".asc"].contains { name.hasSuffix($0) }
            if entry.kind == .file, name.hasPrefix("linux-"), name.contains(".tar"), !isSigned { names.append(name) }
            return .next
        }
        guard let name = names.first, names.count == 1 else {
            throw KernelTreeError.noKernel(
                source: package.string,
                reason: names.isEmpty
                    ? "it has no linux-*.tar archive" : "it has several archives: \(names.joined(separator: ", "))")
        }
        return .member(of: .file(package), MemberPattern(prefix: name))
    }
}
