import Archive
import Bytes
import Debian
import Diagnostics
import FoundationEssentials
import Glibc
import Host
import Hypervisor
import SystemPackage
import Testing

/// Boots of a real Xen in QEMU with Debian's own kernels; packages come from the machine's mirror and are kept.
@Suite(.serialized, .enabled(if: TestMachine.canBoot, "there is no qemu-system-x86_64 or no Debian mirror"))
struct RealBootTests {
    /// A stock kernel, with its Xen drivers as modules: dom0, and a PV guest that does all it has to.
    @Test(.timeLimit(.minutes(15))) func stockKernel() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(
            kernel,
            expecting: [
                .release(kernel.release), .kernelLog(matching: try #require(LogPattern("Booting kernel on Xen"))),
            ])
        #expect(verdict.verdict != .fail, "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.notReached.isEmpty)
        #expect(verdict.guests.first?.type == "PV")
        #expect(verdict.guests.first?.ended == "poweroff")
        #expect(verdict.dom0.release == kernel.release)
        #expect(verdict.notChecked.isEmpty, "\(verdict.notChecked)")
        for check in ["console", "disk", "network", "pause", "balloon", "save", "shutdown", "restart"] {
            #expect(verdict.stages.contains { $0.name == "guest-pv/\(check)" && $0.verdict == .pass }, "\(check)")
        }
    }

    /// The kit's own init and small toolstack, which need no program of today, on a kernel of today: the same records, the
    /// same verdict. What they do not check is said.
    @Test(
        .timeLimit(.minutes(15)), .enabled(if: TestMachine.has("musl-gcc"), "there is no musl-gcc (musl-tools)"),
        arguments: ["xen-4.14", "xen-4.17", "xen-4.20"])
    func smallUserland(hypervisor: String) async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        let host = try await TestHost.prepare(
            try HypervisorStore(data: Repository.root).load(hypervisor), cache: TestMachine.cache.appending("hosts"),
            provider: DebianPackageProvider(fetcher: TestMachine.packages), userland: .small, programs: true,
            variables: TestMachine.variables)
        let verdict = try await TemporaryFolder.with { folder in
            var request = BootRequest(
                kernel: kernel.image, modules: kernel.modules, checks: [.`init`, .console, .pause],
                expectations: [.release(kernel.release)], runFolder: folder.appending("run"),
                environment: TestMachine.variables)
            request.userland = .small
            request.triesPrograms = true
            return try await host.boot(request)
        }
        #expect(verdict.verdict != .fail, "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.notReached.isEmpty)
        #expect(verdict.guests.first?.type == "PV")
        #expect(verdict.guests.first?.ended == "poweroff")
        #expect(verdict.stages.contains { $0.name == "programs" && $0.verdict == .pass && $0.evidence.count == 3 })
        #expect(verdict.stages.contains { $0.name == "guest-pv/console" && $0.verdict == .pass })
        #expect(verdict.notChecked.map(\.stage) == ["guest-pv/pause"])
        let heard = verdict.stages.first { $0.name == "xenstore" }?.evidence ?? []
        #expect(heard.contains("event-channel: an event of this domain to itself arrived"), "\(heard)")
    }

    /// A PVH guest, with the text of a panic on dom0's command line, which decides nothing.
    @Test(.timeLimit(.minutes(15))) func hardwareGuest() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(kernel) {
            $0.guests = [.pvh]
            $0.checks = [.`init`, .disk]
            $0.kernelArguments = "dummy=\"Kernel panic - not syncing: x (XEN) Xen version 4.1 BUG: y\""
        }
        #expect(verdict.verdict != .fail, "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.guests.first?.type == "PVH")
    }

    /// A PVH dom0: QEMU's machine with an IOMMU, and a guest that uses its disk.
    @Test(.timeLimit(.minutes(20))) func hardwareDom0() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(kernel) {
            $0.dom0Mode = .pvh
            $0.checks = [.`init`, .disk]
        }
        #expect(verdict.verdict != .fail, "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.stages.contains { $0.name == "guest-pv/disk" && $0.verdict == .pass })
    }

    /// The same kernel without one of its drivers: who lacks what is said, and where.
    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            ("xen-blkback", "backends", FailureClass.backendMissing, "blkback"),
            ("xen-evtchn", "control", .interfaceMissing, "/dev/xen/evtchn"),
        ])
    func aDriverIsMissing(_ module: String, _ stage: String, _ kind: FailureClass, _ says: String) async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        try await TemporaryFolder.with { folder in
            let all = try #require(kernel.modules).appending("lib/modules").appending(kernel.release)
            let some = folder.appending("lib/modules").appending(kernel.release)
            try Files.createDirectories(some)
            for name in try Files.list(all) where !name.hasPrefix(module + ".") {
                try Files.write(try Files.read(all.appending(name)), to: some.appending(name))
            }
            let verdict = try await TestMachine.boot(
                TestKernel(image: kernel.image, release: kernel.release, modules: folder)
            ) { $0.guests = [] }
            #expect(verdict.failure?.stage == stage && verdict.failure?.kind == kind, "\(verdict.failure as Any)")
            #expect(verdict.failure?.reason.contains(says) == true)
        }
    }

    /// KVM is taken where Xen itself was seen to start: the trial finds what QEMU's translator offers, and what KVM here does.
    @Test(.timeLimit(.minutes(3))) func trialOfKvm() async throws {
        try await TemporaryFolder.with { folder in
            let host = try await TestMachine.host("xen-4.17")
            var request = BootRequest(
                kernel: folder.appending("none"), guests: [.pvh], runFolder: folder.appending("run"),
                environment: TestMachine.variables)
            #expect(
                try await KvmTrial(request: request, host: host, isKvm: false).run() == .works(virtualization: "AMD-V"))
            // Here it works or it does not: both are an answer, and an image that is no Xen is never one that works.
            let kvm = try await KvmTrial(request: request, host: host).run()
            if case .fails(let reason) = kvm { #expect(!reason.isEmpty) }
            request.hypervisorImage = folder.appending("image")
            var image = [UInt8](repeating: 0, count: 8192)
            image.replaceSubrange(64..<68, with: [0x02, 0xb0, 0xad, 0x1b])
            try Files.write(image, to: folder.appending("image"))
            guard case .fails = try await KvmTrial(request: request, host: host, isKvm: false).run() else {
                Issue.record("an image that prints nothing does not work")
                return
            }
        }
    }

    /// Off for good from inside: not a crash, and told as what it is.
    @Test(.timeLimit(.minutes(5))) func switchedOff() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(kernel) { $0.kernelArguments = "rdinit=/bin/busybox -- poweroff -f" }
        #expect(verdict.failure?.kind == .ended, "\(verdict.failure as Any)")
    }

    /// A machine that gets no processor is no kernel that hangs.
    @Test(.timeLimit(.minutes(5))) func stoppedMachine() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-amd64", suite: "bookworm")
        try await TemporaryFolder.with { folder in
            let host = try await TestMachine.host("xen-4.17")
            var request = BootRequest(
                kernel: kernel.image, modules: kernel.modules, runFolder: folder.appending("run"),
                environment: TestMachine.variables)
            request.silence = .seconds(8)
            let work = Task { [request] in try await host.boot(request) }
            let file = request.runFolder.appending("qemu.pid")
            for _ in 0..<200 where !Files.exists(file) { try await Task.sleep(for: .milliseconds(50)) }
            let pid = try #require(Int32(String(decoding: try Files.read(file), as: UTF8.self).filter(\.isNumber)))
            kill(pid, SIGSTOP)
            let verdict = try await work.value
            #expect(verdict.failure?.kind == .infrastructure, "\(verdict.failure as Any)")
            #expect(verdict.exitStatus == .infrastructure)
            for _ in 0..<60 where Files.exists(FilePath("/proc/\(pid)")) {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(!Files.exists(FilePath("/proc/\(pid)")), "and it is ended although it was stopped")
        }
    }

    /// Runs on Xen, and Xen takes it, but it was built without `CONFIG_XEN_DOM0`.
    @Test(.timeLimit(.minutes(3))) func kernelWithoutControl() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-cloud-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(kernel)
        #expect(verdict.verdict == .fail)
        #expect(["dom0-init", "control"].contains(verdict.failure?.stage), "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.failure?.kind == .mismatch, "\(verdict.failure.map { "\($0)" } ?? "")")
        #expect(verdict.failure?.reason.contains("control_d") == true)
        #expect(verdict.exitStatus == .bootFails)
    }

    /// Later kernels without `CONFIG_XEN_DOM0` say so in their notes, and Xen refuses them.
    @Test(.timeLimit(.minutes(3))) func kernelThatIsRefused() async throws {
        let kernel = try await TestKernel.get("linux-image-6.12.*+deb13-cloud-amd64", suite: "trixie")
        let verdict = try await TestMachine.boot(kernel)
        #expect(verdict.failure?.stage == "dom0-build")
        #expect(verdict.failure?.kind == .refused)
        #expect(verdict.failure?.lines.contains { $0.contains("Kernel does not support Dom0 operation") } == true)
    }

    /// What this Xen cannot unpack another one can: the reason says so, and no machine is started.
    @Test(.timeLimit(.minutes(3))) func kernelForALaterXen() async throws {
        let kernel = try await TestKernel.get("linux-image-6.12.*+deb13-cloud-amd64", suite: "trixie")
        let verdict = try await TestMachine.boot(kernel, on: "xen-4.14")
        #expect(verdict.failure?.kind == .refused && verdict.machine.accelerator == "none")
        #expect(verdict.failure?.reason.contains("Xen before 4.15 cannot decompress zstd") == true)
    }

    @Test(.timeLimit(.minutes(3))) func kernelThatPanics() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-cloud-amd64", suite: "bookworm")
        let verdict = try await TestMachine.boot(kernel) { $0.kernelArguments = "rdinit=/nothing" }
        #expect(verdict.failure?.kind == .panic)
        #expect(verdict.failure?.stage == "dom0-kernel")
        #expect(verdict.failure?.lines.contains { $0.contains("Kernel panic - not syncing") } == true)
    }

    /// What the image alone shows is said without a machine.
    @Test func noKernelAtAll() async throws {
        try await TemporaryFolder.with { folder in
            let image = folder.appending("bzImage")
            try Files.write([UInt8](repeating: 0x5a, count: 100_000), to: image)
            let verdict = try await TestMachine.boot(TestKernel(image: image, release: "", modules: nil))
            #expect(verdict.failure?.kind == .refused && verdict.failure?.stage == "dom0-build")
            #expect(verdict.artefacts.isEmpty, "QEMU was not started")
        }
    }

    @Test func cancellingLeavesNothing() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-cloud-amd64", suite: "bookworm")
        try await TemporaryFolder.with { folder in
            let host = try await TestMachine.host("xen-4.17")
            let request = BootRequest(
                kernel: kernel.image, runFolder: folder.appending("run"), environment: TestMachine.variables)
            let work = Task { try await host.boot(request) }
            let pidFile = request.runFolder.appending("qemu.pid")
            for _ in 0..<200 where !Files.exists(pidFile) { try await Task.sleep(for: .milliseconds(50)) }
            let pid = String(decoding: try Files.read(pidFile), as: UTF8.self).filter(\.isNumber)
            #expect(Files.exists(FilePath("/proc/\(pid)")))
            work.cancel()
            let error = await #expect(throws: HostError.self) { try await work.value }
            #expect(error?.category == .interrupted)
            #expect(!Files.exists(FilePath("/proc/\(pid)")))
        }
    }

    @Test func noQemu() async throws {
        let kernel = try await TestKernel.get("linux-image-6.1.0-*-cloud-amd64", suite: "bookworm")
        let error = await #expect(throws: HostError.self) {
            try await TestMachine.boot(kernel) { $0.environment = ["PATH": "/nonexistent"] }
        }
        #expect(error?.category == .missingTool)
        #expect(error?.remedy?.contains("qemu-system-x86") == true)
    }
}

/// This machine, as the boot tests use it.
enum TestMachine {
    static var variables: [String: String] {
        ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C"]
    }

    static func has(_ program: String) -> Bool { Tools.find(program, in: variables["PATH"] ?? "") != nil }

    static var canBoot: Bool {
        Tools.find("qemu-system-x86_64", in: variables["PATH"] ?? "") != nil
            && Tools.find("apt-get", in: variables["PATH"] ?? "") != nil
            && !MachineSources.read(suites: .unknown).sources.isEmpty
    }

    /// Packages and test hosts stay here between runs of the tests.
    static var cache: FilePath {
        ProcessInfo.processInfo.environment["DOM0KIT_TEST_CACHE"].map { FilePath($0) }
            ?? Repository.root.appending(".build").appending("boot-tests")
    }

    static var packages: PackageFetcher {
        PackageFetcher(
            folder: cache.appending("packages"),
            machine: .read(suites: (try? DebianSuites.load(data: Repository.root)) ?? .unknown),
            environment: variables)
    }

    static func host(_ name: String) async throws -> PreparedHost {
        try await TestHost.prepare(
            try HypervisorStore(data: Repository.root).load(name), cache: cache.appending("hosts"),
            provider: DebianPackageProvider(fetcher: packages))
    }

    static func boot(
        _ kernel: TestKernel, on hypervisor: String = "xen-4.17", expecting expectations: [Hypervisor.Expectation] = [],
        _ change: (inout BootRequest) -> Void = { _ in }
    ) async throws -> BootVerdict {
        let host = try await host(hypervisor)
        return try await TemporaryFolder.with { folder in
            var request = BootRequest(
                kernel: kernel.image, modules: kernel.modules, expectations: expectations,
                runFolder: folder.appending("run"), environment: variables)
            change(&request)
            return try await host.boot(request)
        }
    }
}

/// A kernel of a Debian package: its image and the modules that Xen needs.
struct TestKernel {
    let image: FilePath
    let release: String
    let modules: FilePath?

    /// Gets the newest package that fits a pattern.
    static func get(_ pattern: String, suite: String) async throws -> TestKernel {
        let name = try await TestMachine.packages.newest(
            try #require(PackagePattern(pattern)), named: pattern, suite: suite)
        let release = String(name.dropFirst("linux-image-".count))
        let folder = TestMachine.cache.appending("kernels-2").appending(release)
        let image = folder.appending("vmlinuz")
        let modules = folder.appending("lib/modules").appending(release)
        if !Files.exists(image) {
            let fetched = try await TestMachine.packages.fetch([PackageRequest(name)], suite: suite)
            let package = try #require(fetched.first)
            try Files.createDirectories(modules)
            try Archives.forEachEntry(in: .debianPackage(package.path)) { entry, content in
                let path = entry.path.string
                let isOne =
                    path.contains("/drivers/xen/") || path.contains("/drivers/net/xen-net")
                    || ["/loop.ko", "/xen-blkback.ko", "/xen-blkfront.ko", "/tun.ko"].contains { path.hasSuffix($0) }
                if isOne, let file = entry.path.lastComponent, entry.kind == .file {
                    try Files.write(try content.bytes(), to: modules.appending(file))
                } else if path == "boot/vmlinuz-\(release)" {
                    try Files.write(try content.bytes(), to: folder.appending("vmlinuz.new"))
                }
                return .next
            }
            _ = try await Tool.run("mv vmlinuz.new vmlinuz", in: folder)
        }
        return TestKernel(image: image, release: release, modules: folder)
    }
}

/// The checkout the tests run in.
enum Repository {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
}
