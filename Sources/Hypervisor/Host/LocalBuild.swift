import Bytes
public import SystemPackage

/// A Xen of one's own: what `make install DESTDIR=FOLDER` leaves of a build of Xen's source, `dist/install` in its source
/// folder. Its programs, libraries and hypervisor take the places of a description's; what else it is linked with comes from
/// this machine, where it was built, or else from the description's packages, and so do busybox and firmware.
struct LocalBuild {
    /// The folder that stands for `/`.
    let folder: FilePath

    /// Where its Makefiles put programs and libraries, `/usr/local` being the default prefix (config/Paths.mk.in).
    private static let prefixes = ["/usr/local", "/usr", ""]
    private static let programFolders = ["/sbin", "/bin", "/lib/xen/bin", "/libexec/xen/bin"]
    private static let libraryFolders = ["/lib", "/lib64", "/lib/x86_64-linux-gnu"]

    private let root: PackageRoot

    /// Opens a build's folder, or that of its source once `make dist` has been there.
    init(_ path: FilePath) {
        let dist = path.appending("dist").appending("install")
        folder = Files.isDirectory(dist) ? dist : path
        root = PackageRoot(folders: [folder], name: folder.string)
    }

    /// A description with the build's own parts.
    /// - Throws: ``HypervisorError/noHypervisor(path:reason:)`` where a part is missing.
    func description(on base: HypervisorDescription) throws -> HypervisorDescription {
        var description = base
        let programs = HypervisorDescription.Programs(
            busybox: base.programs.busybox, xl: try program("xl"), xenstored: try program("xenstored"),
            xenconsoled: try program("xenconsoled"), initDom0: try program("xen-init-dom0"),
            xenstoreRead: try program("xenstore-read"), xenstoreWrite: try program("xenstore-write"))
        description.programs = programs
        description.image = try image()
        description.version = try toolstackVersion()
        description.name =
            "\(folder.lastComponent?.string == "install" ? "build" : folder.lastComponent?.string ?? "build")"
            + "-\(description.version)"
        description.build = folder
        description.files = try base.files.map { try part($0) }
        description.libraries =
            libraries + base.libraries + ["/usr/lib64", "/lib64", "/usr/lib"].filter { !libraries.contains($0) }
        description.packages = base.packages.filter { !Self.isOfXen($0) }
        description.small = nil
        description.deviceModel = try base.deviceModel.flatMap { model in
            // Xen's device model belongs to one version of its libraries: another's does not do.
            guard let own = found("qemu-system-i386") else { return nil }
            var model = model
            model.program = own
            model.packages = model.packages.filter { !Self.isOfXen($0) && $0 != "qemu-system-xen" }
            model.files = try model.files.map { try part($0) }
            return model
        }
        return description
    }

    private func missing(_ what: String) -> HypervisorError {
        .noHypervisor(
            path: folder, reason: "it has no \(what), as what 'make install' leaves of Xen and its tools would")
    }

    private func program(_ name: String) throws(HypervisorError) -> String {
        guard let path = found(name) else { throw missing(name) }
        return path
    }

    /// Where a program is, as the build itself looks for it.
    private func found(_ name: String) -> String? {
        for prefix in Self.prefixes {
            for folder in Self.programFolders {
                let path = prefix + folder + "/" + name
                if let real = root.resolve(path), Files.isRegular(real) { return path }
            }
        }
        return nil
    }

    /// The file of the build that takes the place of a package's: of Xen's own folders the one of the same name.
    private func part(_ file: String) throws(HypervisorError) -> String {
        let parts = file.split(separator: "/")
        guard let name = parts.last, parts.contains(where: { $0 == "xen" || $0.hasPrefix("xen-4.") }) else {
            return file
        }
        for prefix in Self.prefixes {
            for folder in ["/lib/xen/bin", "/lib/xen/boot", "/libexec/xen/bin", "/libexec/xen/boot"] {
                let path = "\(prefix)\(folder)/\(name)"
                if let real = root.resolve(path), Files.isRegular(real) { return path }
            }
        }
        throw missing(String(name))
    }

    /// The hypervisor: the one file `xen*.gz` in `/boot` to which the links there lead.
    private func image() throws -> String {
        for name in ["xen.gz", "xen"] where root.resolve("/boot/" + name).map(Files.isRegular) == true {
            return "/boot/" + name
        }
        let others =
            (try? Files.list(folder.appending("boot")))?.filter { $0.hasPrefix("xen") && $0.hasSuffix(".gz") } ?? []
        guard others.count == 1 else { throw missing("boot/xen.gz") }
        return "/boot/" + others[0]
    }

    /// The version that the toolstack asks of the hypervisor: that of its library (`libxenlight.so.4.19`).
    private func toolstackVersion() throws -> String {
        let beginning = "libxenlight.so."
        for path in libraries {
            guard let real = root.resolve(path) else { continue }
            for name in try Files.list(real) where name.hasPrefix(beginning) {
                let numbers = name.dropFirst(beginning.count).split(separator: ".")
                if numbers.count >= 2, numbers.allSatisfy({ $0.allSatisfy(\.isNumber) }) {
                    return numbers.prefix(2).joined(separator: ".")
                }
            }
        }
        throw missing("libxenlight.so")
    }

    private var libraries: [String] {
        Self.prefixes.flatMap { prefix in Self.libraryFolders.map { prefix + $0 } }
            .filter { root.resolve($0).map(Files.isDirectory) == true }
    }

    /// Whether a package's files are the build's own.
    private static func isOfXen(_ package: String) -> Bool {
        package.hasPrefix("xen-") || package.hasPrefix("xenstore") || package.hasPrefix("libxen")
    }
}

extension HypervisorDescription {
    /// The same with the parts of a Xen that was built on this machine.
    /// - Parameter folder: What `make install DESTDIR=FOLDER` left of it, or the source folder with `dist/install`.
    /// - Throws: ``HypervisorError/noHypervisor(path:reason:)``.
    public func taking(build folder: FilePath) throws -> HypervisorDescription {
        try LocalBuild(folder).description(on: self)
    }
}
