import Bytes
import Diagnostics
import Hypervisor
import SystemPackage
import TestSupport
import Testing

struct DescriptionTests {
    @Test func everyDescriptionOfTheKit() throws {
        let store = HypervisorStore(data: Repository.root)
        #expect(try store.names() == ["xen-4.14", "xen-4.17", "xen-4.20"])
        for name in try store.names() {
            let description = try store.load(name)
            #expect(description.name == "xen-" + description.version)
            #expect(Set(description.packages).count == description.packages.count)
        }
    }

    @Test func anotherNameThanTheFiles() throws {
        let scratch = try Scratch()
        let text = String(
            decoding: try Files.read(Repository.root.appending("Profiles/hypervisors/xen-4.17.yaml")), as: UTF8.self)
        try scratch.file("Profiles/hypervisors/mine.yaml", text)
        let error = #expect(throws: HypervisorError.self) { try HypervisorStore(data: scratch.path).load("mine") }
        let file = scratch.path.appending("Profiles/hypervisors/mine.yaml")
        #expect(error?.message == "\(file):2: name is 'xen-4.17', but the file is called mine.yaml")
    }

    @Test func unknownNamesAreUsage() {
        let error = #expect(throws: HypervisorError.self) {
            try HypervisorStore(data: Repository.root).load("xen-4.71")
        }
        #expect(error?.category == .usage)
        #expect(error?.remedy == "did you mean 'xen-4.17'? There are: xen-4.14, xen-4.17, xen-4.20")
    }

    @Test(arguments: [
        (
            "suite: bookworm", "suiet: bookworm",
            "4: unknown key 'suiet'; known are name, version, suite, packages, image, arguments, programs, files, libraries, opened, processor, virtualization, pvh-dom0, device-model, small-toolstack"
        ),
        ("suite: bookworm\n", "", "2: the key 'suite' is missing"),
        ("suite: bookworm", "suite: 'book; rm'", "4: suite is 'book; rm', which is not one word of plain characters"),
        ("suite: bookworm", "suite: a/b", "4: suite is 'a/b', which is not one word without a slash"),
        ("- libc6\n", "- -oDebug=1\n", "19: packages[13] is '-oDebug=1', which is not a package's name"),
        (
            "/usr/bin/busybox", "/usr/../bin/busybox",
            "30: programs.busybox is '/usr/../bin/busybox', which is not an absolute path of plain characters"
        ),
        (
            "/usr/bin/busybox", "$(id)",
            "30: programs.busybox is '$(id)', which is not an absolute path of plain characters"
        ),
        (
            "  busybox:", "  buzybox:",
            "30: unknown key 'programs.buzybox'; known in programs are busybox, xl, xenstored, xenconsoled, xen-init-dom0, xenstore-read, xenstore-write"
        ),
        (
            "packages:\n", "packages: libc6\nopened2:\n",
            "6: unknown key 'opened2'; known are name, version, suite, packages, image, arguments, programs, files, libraries, opened, processor, virtualization, pvh-dom0, device-model, small-toolstack"
        ),
        ("processor: qemu64", "processor: [qemu64]", "44: processor is a list, but should be a text"),
        (
            "processor: qemu64", "processor: qemu64,-x",
            "44: processor is 'qemu64,-x', which is not one word of plain characters"
        ),
        (
            "virtualization: +svm,+npt", "virtualization: +svm, +npt",
            "45: virtualization is '+svm, +npt', which is not QEMU's list of features without spaces, such as +svm,+npt"
        ),
        (
            "processor: qemu64", "processor: qemu64\nprocessor: max",
            "44: the key 'processor' is given more than once; this is the first"
        ),
    ])
    func malformed(_ old: String, _ new: String, _ message: String) throws {
        let path = Repository.root.appending("Profiles/hypervisors/xen-4.17.yaml")
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        #expect(text.contains(old))
        let error = #expect(throws: HypervisorError.self) {
            try HypervisorDescription.parse(
                Array(text.replacing(old, with: new, maxReplacements: 1).utf8), path: "x.yaml")
        }
        #expect(error?.category == .malformedInput)
        #expect(error?.message == "x.yaml:" + message)
    }
}
