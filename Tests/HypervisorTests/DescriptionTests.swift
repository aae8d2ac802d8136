import Bytes
import Diagnostics
import Hypervisor
import SystemPackage
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

    @Test func unknownNamesAreUsage() {
        let error = #expect(throws: HypervisorError.self) {
            try HypervisorStore(data: Repository.root).load("xen-4.71")
        }
        #expect(error?.category == .usage)
        #expect(error?.remedy?.contains("xen-4.17") == true)
    }

    @Test(arguments: [
        ("suite: bookworm", "suiet: bookworm", "'suiet'"), ("suite: bookworm\n", "", "'suite' is missing"),
        ("suite: bookworm", "suite: 'book; rm'", "'suite'"), ("- libc6\n", "- -oDebug=1\n", "-oDebug=1"),
        ("/usr/bin/busybox", "/usr/../bin/busybox", "/usr/../bin/busybox"), ("/usr/bin/busybox", "$(id)", "$(id)"),
        ("  busybox:", "  buzybox:", "'buzybox'"), ("packages:\n", "packages: libc6\nfiles2:\n", "'files2'"),
    ])
    func malformed(_ old: String, _ new: String, _ mention: String) throws {
        let path = Repository.root.appending("Profiles/hypervisors/xen-4.17.yaml")
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        #expect(text.contains(old))
        let error = #expect(throws: HypervisorError.self) {
            try HypervisorDescription.parse(Array(text.replacing(old, with: new).utf8), path: "x.yaml")
        }
        #expect(error?.category == .malformedInput)
        #expect(error?.message.contains(mention) == true, "\(error?.message ?? "")")
    }
}
