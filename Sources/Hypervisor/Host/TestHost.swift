import Archive
public import Bytes
public import Diagnostics
import FoundationEssentials
public import SystemPackage

/// Makes a test host out of packages, once for each description.
public enum TestHost {
    /// Makes a test host, or takes the one made earlier from the cache.
    /// - Parameters:
    ///   - description: What it is made of.
    ///   - cache: The folder in which test hosts are kept; made if it is not there.
    ///   - provider: Where the packages come from; not asked if the cache has the host.
    ///   - deviceModel: Whether HVM guests will be asked for.
    ///   - userland: What runs in the domains; the small one is built, with the compiler that `variables` find.
    ///   - programs: Whether the small one gets programs of today to try.
    /// - Throws: ``HypervisorError``, ``BytesError``, or what the provider throws.
    public static func prepare(
        _ description: HypervisorDescription, cache: FilePath, provider: any PackageProvider,
        deviceModel: Bool = false, userland: Userland = .full, programs: Bool = false,
        variables: [String: String] = [:],
        progress: any ProgressSink = NoProgress()
    ) async throws -> PreparedHost {
        if userland == .small {
            return try await SmallHost.prepare(
                description, cache: cache, provider: provider, programs: programs, variables: variables,
                progress: progress)
        }
        if deviceModel, description.deviceModel == nil {
            throw HypervisorError.request(
                reason: "the hypervisor \(description.name) has no device model for HVM guests")
        }
        let key = try Self.key(description, deviceModel: deviceModel)
        let folder = cache.appending("\(description.name)-\(key.hex.prefix(16))")
        // What is built may be built anew.
        if description.build != nil {
            try Files.remove(folder)
        } else if let host = PreparedHost(cached: folder, description: description) {
            return host
        }
        progress.report(.began(what: "get the packages of \(description.name) (Debian \(description.suite))"))
        try Files.createDirectories(cache)
        let work = cache.appending(".\(description.name)-\(UInt32.random(in: .min ... .max)).tmp")
        try Files.createDirectories(work.appending("root"))
        defer { try? Files.remove(work) }
        let names = description.packages + (deviceModel ? description.deviceModel?.packages ?? [] : [])
        let packages = try await provider.unpack(names, suite: description.suite, into: work.appending("root"))
        progress.report(.began(what: "make the test host \(description.name)"))
        let unpacked = work.appending("root")
        let root =
            description.build.map { build in
                // It was linked with the libraries of this machine, and may ask for a libc as new as that.
                PackageRoot(
                    folders: [build, unpacked], libraryRoots: [build, "/", unpacked], name: description.name)
            } ?? PackageRoot(folders: [unpacked], name: description.name)
        let image = try multiboot(try root.read(description.image), description.image)
        let initramfs = try HostInitramfs.base(description, root: root, deviceModel: deviceModel)
        return try keep(
            image: image, initramfs: initramfs, packages: packages, of: description, work: work, as: folder)
    }

    /// Puts what a host is made of into the cache, and takes it from there.
    /// - Throws: ``HypervisorError/packages(hypervisor:reason:)``, ``BytesError``.
    static func keep(
        image: [UInt8], initramfs: [UInt8], packages: [HostPackage], of description: HypervisorDescription,
        work: FilePath, as folder: FilePath
    ) throws -> PreparedHost {
        let made = work.appending("host")
        try Files.createDirectories(made)
        try Files.write(image, to: made.appending(PreparedHost.imageName))
        try Files.write(initramfs, to: made.appending(PreparedHost.initramfsName))
        let record = PreparedHost.Record(
            packages: packages, image: Digest(of: image).hex, initramfs: Digest(of: initramfs).hex)
        try Files.write(Array(try JSONEncoder().encode(record)), to: made.appending(PreparedHost.recordName))
        try Self.publish(made, as: folder)
        guard let host = PreparedHost(cached: folder, description: description) else {
            throw HypervisorError.packages(
                hypervisor: description.name, reason: "the cache folder \(folder) cannot be read back")
        }
        return host
    }

    private static func key(_ description: HypervisorDescription, deviceModel: Bool) throws -> Digest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = Array(try encoder.encode(description))
        return Digest(
            of: text + Array("\(InitScripts.revision) \(deviceModel)".utf8) + InitScripts.all)
    }

    /// A hypervisor's image of one's own, such as `xen/xen.gz` of a build.
    static func image(_ path: FilePath) throws -> [UInt8] {
        guard Files.isRegular(path) else {
            throw HypervisorError.noHypervisor(
                path: path, reason: Files.exists(path) ? "it is not a file" : "it is not there")
        }
        return try multiboot(try Files.read(path), path.string)
    }

    static func multiboot(_ packed: [UInt8], _ name: String) throws -> [UInt8] {
        let image = try Decompressor.decompress(packed, name: name, limit: 256 << 20)
        try requireMultiboot(image, name)
        return image
    }

    /// The image must carry a multiboot header in its first 8 KiB (Multiboot 0.6.96, 3.1) and be no Linux kernel.
    private static func requireMultiboot(_ image: [UInt8], _ name: String) throws(HypervisorError) {
        let magic: [UInt8] = [0x02, 0xb0, 0xad, 0x1b]
        for offset in stride(from: 0, to: min(image.count, 8192) - 4, by: 4)
        where image[offset..<offset + 4].elementsEqual(magic) { return }
        throw .notBootable(file: name, reason: "it has no multiboot header")
    }

    private static func publish(_ made: FilePath, as folder: FilePath) throws {
        // Another run may have been faster; what it made is the same.
        if Files.exists(folder.appending(PreparedHost.recordName)) { return }
        try Files.remove(folder)
        try Files.createDirectories(folder)
        // The record comes last: with it, the host is whole.
        for name in [PreparedHost.imageName, PreparedHost.initramfsName, PreparedHost.recordName] {
            try Files.write(try Files.read(made.appending(name)), to: folder.appending(name))
        }
    }
}

/// A test host, ready to boot kernels.
public struct PreparedHost: Sendable {
    struct Record: Codable {
        let packages: [HostPackage]
        let image: String
        let initramfs: String
    }

    static let imageName = "xen"
    static let initramfsName = "dom0.cpio"
    static let recordName = "host.json"

    /// What it was made from.
    public let description: HypervisorDescription
    /// Where it is kept.
    public let folder: FilePath
    /// The packages it was made of.
    public let packages: [HostPackage]
    /// A hash of everything in it that can change the result of a boot.
    public let key: Digest

    /// The hypervisor's decompressed image.
    public var image: FilePath { folder.appending(Self.imageName) }
    /// Domain 0's initramfs without what belongs to one run.
    public var initramfs: FilePath { folder.appending(Self.initramfsName) }

    /// Takes a host from the cache; `nil` unless it is whole and undamaged.
    init?(cached folder: FilePath, description: HypervisorDescription) {
        guard let text = try? Files.read(folder.appending(Self.recordName)),
            let record = try? JSONDecoder().decode(Record.self, from: Data(text)),
            (try? Digest(ofFile: folder.appending(Self.imageName)))?.hex == record.image,
            (try? Digest(ofFile: folder.appending(Self.initramfsName)))?.hex == record.initramfs
        else { return nil }
        self.description = description
        self.folder = folder
        packages = record.packages
        key = Digest(
            of: ([
                record.image, record.initramfs, description.arguments, description.processor,
                description.virtualization,
            ]
                + description.hardwareDom0).joined(separator: "\n"))
    }
}
