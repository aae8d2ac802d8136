import Bytes
import Hypervisor
import SystemPackage
import TestSupport
import Testing

/// A Xen of one's own, as `make install DESTDIR=` lays it out.
struct LocalBuildTests {
    private let scratch: Scratch
    private let base: HypervisorDescription

    private static let parts = [
        "usr/local/sbin/xl", "usr/local/sbin/xenstored", "usr/local/sbin/xenconsoled", "usr/local/bin/xenstore-read",
        "usr/local/bin/xenstore-write", "usr/local/lib/xen/bin/xen-init-dom0",
        "usr/local/lib/xen/bin/libxl-save-helper",
        "usr/local/lib/xen/boot/hvmloader", "usr/local/lib/libxenlight.so.4.19.0", "boot/xen-4.19.6.gz",
    ]

    init() throws {
        scratch = try Scratch()
        base = try HypervisorStore(data: Repository.root).load("xen-4.17")
    }

    private func make(in folder: String, without missing: String? = nil) throws -> FilePath {
        for part in Self.parts where part != missing { try scratch.file("\(folder)/\(part)", "x") }
        if missing != "boot/xen-4.19.6.gz" {
            try #require(scratch.shell("ln -s xen-4.19.6.gz \(folder)/boot/xen.gz") == 0)
        }
        return scratch.path.appending(folder)
    }

    @Test func itsOwnPartsGoFirst() throws {
        let folder = try make(in: "mine")
        let description = try base.taking(build: folder)
        #expect(description.name == "mine-4.19")
        #expect(description.version == "4.19")
        #expect(description.image == "/boot/xen.gz")
        #expect(description.programs.xl == "/usr/local/sbin/xl")
        #expect(description.programs.xenstoreRead == "/usr/local/bin/xenstore-read")
        #expect(description.programs.initDom0 == "/usr/local/lib/xen/bin/xen-init-dom0")
        #expect(description.programs.busybox == base.programs.busybox)
        #expect(description.files == ["/usr/local/lib/xen/bin/libxl-save-helper"])
        #expect(description.libraries.starts(with: ["/usr/local/lib"] + base.libraries))
        #expect(!description.packages.contains { $0.contains("xen") })
        #expect(description.packages.contains("libc6") && description.packages.contains("busybox-static"))
        // Debian's device model is linked with the libraries of Debian's Xen.
        #expect(description.deviceModel == nil)
        #expect(description.small == nil)
    }

    @Test func itsOwnDeviceModel() throws {
        let folder = try make(in: "mine")
        try scratch.file("mine/usr/local/lib/xen/bin/qemu-system-i386", "x")
        let model = try #require(try base.taking(build: folder).deviceModel)
        #expect(model.program == "/usr/local/lib/xen/bin/qemu-system-i386")
        #expect(model.files.contains("/usr/local/lib/xen/boot/hvmloader"))
        #expect(!model.files.contains { $0.contains("xen-4.17") })
        #expect(!model.packages.contains("qemu-system-xen") && model.packages.contains("seabios"))
    }

    @Test func aSourceFolderIsTakenForWhatIsInstalledInIt() throws {
        _ = try make(in: "xen/dist/install")
        let description = try base.taking(build: scratch.path.appending("xen"))
        #expect(description.name == "build-4.19")
    }

    @Test(arguments: [
        ("usr/local/sbin/xl", "xl"), ("usr/local/sbin/xenstored", "xenstored"),
        ("usr/local/lib/xen/bin/libxl-save-helper", "libxl-save-helper"),
        ("usr/local/lib/libxenlight.so.4.19.0", "libxenlight.so"), ("boot/xen-4.19.6.gz", "boot/xen.gz"),
    ])
    func whatIsMissingIsNamed(_ part: String, _ name: String) throws {
        let folder = try make(in: "mine", without: part)
        let error = #expect(throws: HypervisorError.self) { try base.taking(build: folder) }
        #expect(error?.category == .missingInput)
        #expect(
            error?.message
                == "cannot take \(folder) as the hypervisor: it has no \(name), as what 'make install' leaves of Xen and its tools would"
        )
    }

    /// A link of the build leads nowhere else, whatever it says.
    @Test func linksStayInTheBuild() throws {
        let folder = try make(in: "mine", without: "usr/local/sbin/xl")
        try #require(scratch.shell("ln -s ../../../../../../../bin/sh mine/usr/local/sbin/xl") == 0)
        #expect(throws: HypervisorError.self) { try base.taking(build: folder) }
    }
}
