import Archive
import Bytes
import Diagnostics
import Glibc
import SystemPackage

/// A distribution's kernel package (`.deb`, `.rpm`), unpacked: its image and its modules.
struct KernelPackage {
    /// The folder it was unpacked to, with `lib/modules` or `usr/lib/modules` in it.
    let folder: FilePath

    /// Whether a file is a package, by its first bytes: an `ar` archive (deb(5)) or RPM's lead.
    static func isPackage(_ path: FilePath) -> Bool {
        guard Files.isRegular(path), let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        else {
            return false
        }
        defer { try? file.close() }
        let start = try? [UInt8](unsafeUninitializedCapacity: 8) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return start == Array("!<arch>\n".utf8) || start?.starts(with: [0xed, 0xab, 0xee, 0xdb]) == true
    }

    /// Unpacks a package, once for each content.
    /// - Parameter cache: The folder in which unpacked packages are kept; made if it is not there.
    /// - Throws: `ArchiveError`, `BytesError`.
    init(_ path: FilePath, cache: FilePath, progress: any ProgressSink) async throws {
        let digest = try Digest(ofFile: path).hex
        folder = cache.appending(String(digest.prefix(16)))
        guard !Files.exists(folder) else { return }
        let name = path.lastComponent?.string ?? path.string
        progress.report(.began(what: "unpack \(name)"))
        let work = cache.appending(".\(digest.prefix(16))-\(UInt32.random(in: .min ... .max)).tmp")
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var extraction = Extraction()
        extraction.links = .rootFileSystem
        let isDebian = (try? Archives.content(of: "debian-binary", in: .file(path))) != nil
        try await extraction.unpack(isDebian ? .debianPackage(path) : .file(path), into: work, progress: progress)
        // Another run may have been faster; what it unpacked is the same.
        if rename(work.string, folder.string) != 0, !Files.exists(folder) {
            throw BytesError(path: folder, operation: .create, errno: Errno(rawValue: errno))
        }
    }

    /// The kernel's image: `boot/vmlinuz-VERSION`, or `lib/modules/VERSION/vmlinuz` as Fedora has it.
    /// - Throws: ``HypervisorError/noKernel(path:reason:)`` where there is none, or more than one.
    func image(of path: FilePath) throws -> FilePath {
        var found: [FilePath] = []
        let boot = folder.appending("boot")
        if Files.isDirectory(boot) {
            found = try Files.list(boot).filter { $0.hasPrefix("vmlinuz") }.map { boot.appending($0) }
        }
        for middle in ["lib/modules", "usr/lib/modules"] where found.isEmpty {
            let modules = folder.appending(middle)
            guard Files.isDirectory(modules) else { continue }
            found = try Files.list(modules).map { modules.appending($0).appending("vmlinuz") }
        }
        found = found.filter(Files.isRegular)
        guard found.count == 1, let image = found.first else {
            if found.count > 1 {
                throw HypervisorError.noKernel(path: path, reason: "the package has \(found.count) kernel images")
            }
            throw HypervisorError.noImage(package: path, dependsOn: Self.dependencies(of: path))
        }
        return image
    }

    /// What a `.deb` depends on of a kernel, which may be where the image and the modules are: since Debian 14 a
    /// `linux-image` package holds neither. Empty for other packages.
    private static func dependencies(of path: FilePath) -> [String] {
        let control = ArchiveSource.member(of: .file(path), MemberPattern(prefix: "control.tar"))
        guard
            let text = try? Archives.content(of: "./control", in: control)
                ?? Archives.content(of: "control", in: control)
        else { return [] }
        let fields = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard let line = fields.first(where: { $0.hasPrefix("Depends:") }) else { return [] }
        let names = line.dropFirst("Depends:".count).split(whereSeparator: { ",|".contains($0) }).compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        return names.filter { $0.hasPrefix("linux-") && $0.contains(where: \.isNumber) }
    }

    /// Whether it has modules.
    var hasModules: Bool {
        ["lib/modules", "usr/lib/modules"].contains { Files.isDirectory(folder.appending($0)) }
    }
}

extension BootRequest {
    /// Puts unpacked files in the place of packages: kernels with their modules, and modules.
    mutating func unpackPackages(cache: FilePath, progress: any ProgressSink) async throws {
        func kernel(_ path: FilePath, _ modules: FilePath?) async throws -> (FilePath, FilePath?) {
            guard KernelPackage.isPackage(path) else { return (path, modules) }
            let package = try await KernelPackage(path, cache: cache, progress: progress)
            return (try package.image(of: path), modules ?? (package.hasModules ? package.folder : nil))
        }
        func folder(_ path: FilePath?) async throws -> FilePath? {
            guard let path, KernelPackage.isPackage(path) else { return path }
            return try await KernelPackage(path, cache: cache, progress: progress).folder
        }
        (self.kernel, modules) = try await kernel(self.kernel, folder(modules))
        if let own = guestKernel {
            (guestKernel, guestModules) = try await kernel(own, folder(guestModules))
        }
    }
}
