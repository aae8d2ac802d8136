import Archive
import Bytes
import Elf
import SystemPackage

/// The kernel modules that dom0 and guests need, taken from a distribution's module folder.
struct KernelModules {
    /// A module as it goes into the initramfs.
    struct Module: Equatable {
        /// Its name with dashes or underscores as the file has them, without `.ko`.
        let name: String
        /// Its content, not compressed.
        let content: [UInt8]
    }

    /// What Xen's toolstack and the back-ends need in dom0 and what distributions build as modules.
    static let dom0 = [
        "xen-privcmd", "xenfs", "xen-evtchn", "xen-gntdev", "xen-gntalloc", "loop", "xen-blkback", "xen-netback", "tun",
        // In the kernels that carried Xen before it was in Linux.
        "blkbk", "netbk",
    ]
    /// What makes a guest's disks and networks, the emulated ones of an HVM guest included.
    static let guest = [
        "xenfs", "xen-blkfront", "xen-netfront", "xenblk", "xennet", "ata_piix", "sd_mod", "8139cp", "8139too",
    ]

    /// In the order in which they have to be loaded.
    let modules: [Module]
    /// The kernel release the folder is for, where its name says so.
    let release: String?

    /// Collects modules and what they depend on.
    /// - Parameters:
    ///   - folder: A folder that holds `lib/modules/VERSION` or `usr/lib/modules/VERSION`, that folder itself, or a
    ///     folder of `.ko` files.
    ///   - release: The kernel's release, where it is known.
    ///   - names: Module names; those that are not there count as built in.
    init(folder: FilePath, release: String?, names: [String]) throws {
        let place = try Self.locate(folder, release)
        self.release = place.release
        var files: [String: FilePath] = [:]
        try Self.collect(place.folder, depth: 0, into: &files)
        guard !files.isEmpty else { throw HypervisorError.modules(folder: folder, reason: "it contains no .ko file") }
        var modules: [Module] = []
        var seen: Set<String> = []
        func add(_ name: String, wantedBy parent: String?) throws {
            let key = Self.normalized(name)
            guard seen.insert(key).inserted else { return }
            guard let file = files[key] else { return }
            let content = try Decompressor.decompress(file: file, limit: 256 << 20)
            for dependency in try Self.dependencies(content, file) { try add(dependency, wantedBy: name) }
            modules.append(Module(name: key, content: content))
        }
        for name in names { try add(name, wantedBy: nil) }
        self.modules = modules
    }

    private static func locate(_ folder: FilePath, _ release: String?) throws -> (folder: FilePath, release: String?) {
        guard Files.isDirectory(folder) else {
            throw HypervisorError.modules(folder: folder, reason: "it is not a folder")
        }
        for middle in ["lib/modules", "usr/lib/modules"] {
            let parent = folder.appending(middle)
            guard Files.isDirectory(parent) else { continue }
            let versions = try Files.list(parent).filter { Files.isDirectory(parent.appending($0)) }
            if let release, versions.contains(release) { return (parent.appending(release), release) }
            if let release {
                throw HypervisorError.modules(
                    folder: folder,
                    reason: "the kernel is \(release), and it holds only \(versions.joined(separator: ", "))")
            }
            guard versions.count == 1, let only = versions.first else {
                throw HypervisorError.modules(
                    folder: folder, reason: "it holds \(versions.count) versions, and the kernel's is not known")
            }
            return (parent.appending(only), only)
        }
        let isVersion = Files.isDirectory(folder.appending("kernel"))
        return (folder, isVersion ? folder.lastComponent?.string : nil)
    }

    private static func collect(_ folder: FilePath, depth: Int, into files: inout [String: FilePath]) throws {
        guard depth < 16 else { return }
        for name in try Files.list(folder) {
            let path = folder.appending(name)
            let plain = Compression.stripSuffix(name)
            if plain.hasSuffix(".ko") {
                files[normalized(String(plain.dropLast(3)))] = path
            } else if name != "build", name != "source", Files.isDirectory(path) {
                try collect(path, depth: depth + 1, into: &files)
            }
        }
    }

    /// `xen-privcmd` and `xen_privcmd` are the same module.
    private static func normalized(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    /// The `depends=` of a module's `.modinfo`.
    private static func dependencies(_ content: [UInt8], _ file: FilePath) throws -> [String] {
        guard let elf = ElfFile(content) else {
            throw HypervisorError.modules(folder: file, reason: "it is not an ELF file")
        }
        for entry in (elf.section(".modinfo") ?? []).split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            guard text.hasPrefix("depends=") else { continue }
            return text.dropFirst(8).split(separator: ",").map(String.init)
        }
        return []
    }
}
