import Archive
import Bytes
import Diagnostics
import FoundationEssentials
import Host
import SystemPackage

/// Makes a test host with the kit's small userland: Xen's image, and an initramfs of two static programs.
///
/// The programs are built here, with musl-gcc (Debian's musl-tools): a static init of nothing but C, and a toolstack on the
/// hypervisor's own libxenguest and libxenctrl, taken from its development package.
enum SmallHost {
    /// The compiler.
    static let compiler = "musl-gcc"
    /// The Debian package that has it.
    static let package = "musl-tools"

    /// The sources, by the name they are built under.
    private static var sources: [(name: String, text: [UInt8])] {
        [
            ("small.h", PackageResources.small_h), ("store.h", PackageResources.store_h),
            ("small-init.c", PackageResources.small_init_c), ("small-toolstack.c", PackageResources.small_toolstack_c),
        ]
    }

    /// What every program is built with: the same source and compiler give the same bytes.
    private static let flags = ["-static", "-Os", "-std=gnu11", "-s", "-Wl,--build-id=none"]

    /// Makes the host, or takes the one made earlier from the cache.
    static func prepare(
        _ description: HypervisorDescription, cache: FilePath, provider: any PackageProvider, programs tried: Bool,
        variables: [String: String], progress: any ProgressSink
    ) async throws -> PreparedHost {
        guard let small = description.small else {
            throw HypervisorError.request(reason: "the hypervisor \(description.name) has no small toolstack")
        }
        let version = try await Command(
            compiler, ["--version"], environment: variables, deadline: .seconds(20), package: package
        ).capture(limit: 1 << 16)
        let key = Digest(
            of: try encoded(description) + version.standardOutput + sources.flatMap(\.text)
                + Array("\(flags) \(tried) 2".utf8)
                + PackageResources.programs_sh)
        let folder = cache.appending("\(description.name)-small-\(key.hex.prefix(16))")
        if let host = PreparedHost(cached: folder, description: description) { return host }
        progress.report(.began(what: "get the packages of \(description.name) (Debian \(description.suite))"))
        try Files.createDirectories(cache)
        let work = cache.appending(".\(description.name)-\(UInt32.random(in: .min ... .max)).tmp")
        try Files.createDirectories(work.appending("root"))
        defer { try? Files.remove(work) }
        let more = tried ? description.packages.filter { !small.packages.contains($0) } : []
        let packages = try await provider.unpack(
            small.packages + more, suite: description.suite, into: work.appending("root"))
        let root = PackageRoot(folders: [work.appending("root")], name: description.name)
        progress.report(.began(what: "build the small userland for \(description.name)"))
        let programs = try await build(small, root: root, in: work.appending("build"), variables: variables)
        let image = try TestHost.multiboot(try root.read(description.image), description.image)
        let initramfs = try initramfs(programs, triedOf: tried ? (description, root) : nil)
        return try TestHost.keep(
            image: image, initramfs: initramfs, packages: packages, of: description, work: work, as: folder)
    }

    private static func encoded(_ description: HypervisorDescription) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(description))
    }

    // MARK: The programs

    private struct Programs {
        let initProgram: [UInt8]
        let toolstack: [UInt8]
    }

    private static func build(
        _ small: SmallToolstack, root: PackageRoot, in folder: FilePath, variables: [String: String]
    ) async throws -> Programs {
        try Files.createDirectories(folder)
        for (name, text) in sources { try Files.write(text, to: folder.appending(name)) }
        func place(_ path: String) throws(HypervisorError) -> String {
            guard let real = root.resolve(path) else {
                throw HypervisorError.notInPackages(file: path, hypervisor: root.name)
            }
            return real.string
        }
        var archives: [String] = []
        for path in small.archives { archives.append(try place(path)) }
        try await compile(["-o", "init", "small-init.c"], in: folder, variables)
        try await compile(
            [
                "-D__XEN_TOOLS__", "-idirafter", try place(small.headers), "-o", "toolstack", "small-toolstack.c",
                "-Wl,--whole-archive", try place(small.whole), "-Wl,--no-whole-archive",
            ] + archives, in: folder, variables)
        return Programs(
            initProgram: try Files.read(folder.appending("init")),
            toolstack: try Files.read(folder.appending("toolstack")))
    }

    private static func compile(_ words: [String], in folder: FilePath, _ variables: [String: String]) async throws {
        let command = Command(
            compiler, flags + words, environment: variables.merging(["LC_ALL": "C"]) { $1 }, workingDirectory: folder,
            deadline: .seconds(300), package: package)
        let output = try await command.capture(limit: 1 << 22)
        guard output.termination.succeeded else {
            throw HypervisorError.userland(
                lines: String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").map(String.init))
        }
    }

    // MARK: The initramfs

    private static func initramfs(
        _ programs: Programs, triedOf packages: (description: HypervisorDescription, root: PackageRoot)?
    ) throws -> [UInt8] {
        let guest = try ArchiveWriter(name: "the initramfs of guests")
        try addUserland(guest, programs)
        let cpio = try ArchiveWriter(name: "the initramfs of domain 0")
        try addUserland(cpio, programs)
        try cpio.addFolder("/guest")
        try cpio.addFile("/dom0kit/toolstack", programs.toolstack, permissions: 0o755)
        try cpio.addFile("/guest/base.cpio", try guest.finish())
        if let packages { try addTried(cpio, packages.description, packages.root) }
        return try cpio.finish()
    }

    /// Programs of today with what runs them: a shell that is linked statically, and a program with its libraries.
    private static func addTried(
        _ cpio: ArchiveWriter, _ description: HypervisorDescription, _ root: PackageRoot
    ) throws {
        let programs = description.programs
        try cpio.addFolder("/bin")
        try cpio.addFile("/bin/busybox", try root.read(programs.busybox), permissions: 0o755)
        for applet in ["cat", "sh"] { try cpio.addLink("/bin/" + applet, to: "busybox") }
        try cpio.addFile(programs.xenstoreRead, try root.read(programs.xenstoreRead), permissions: 0o755)
        for library in try root.libraries(
            of: [programs.xenstoreRead], opened: description.opened, in: description.libraries)
        {
            try cpio.addFile(library.path, library.content, permissions: 0o755)
        }
        try cpio.addFile("/dom0kit/programs", Array("XENSTORE_READ=\(programs.xenstoreRead)\n".utf8))
        try cpio.addFile("/dom0kit/programs.sh", PackageResources.programs_sh)
    }

    /// What both begin with. The kernels that this is for have no devtmpfs: the nodes are in the archive.
    private static func addUserland(_ cpio: ArchiveWriter, _ programs: Programs) throws {
        for folder in ["/dev/xen", "/proc", "/sys", "/run", "/tmp", "/dom0kit"] { try cpio.addFolder(folder) }
        try cpio.addDevice("/dev/console", .character, major: 5, minor: 1)
        try cpio.addDevice("/dev/null", .character, major: 1, minor: 3, permissions: 0o666)
        try cpio.addDevice("/dev/urandom", .character, major: 1, minor: 9, permissions: 0o666)
        try cpio.addDevice("/dev/kmsg", .character, major: 1, minor: 11)
        try cpio.addDevice("/dev/ttyS1", .character, major: 4, minor: 65)
        try cpio.addFile("/init", programs.initProgram, permissions: 0o755)
    }
}
