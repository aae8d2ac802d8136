import Diagnostics
import Pipeline
import SystemPackage
import TestSupport
import Testing

/// A change to the profile debian-12 that makes it wrong, and what is said of it.
struct ProfileFault: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    /// The message behind `x.yaml:`; `DATA` stands for the data folder.
    let message: String
    var remedy: String?

    init(_ old: String, _ new: String, _ message: String, remedy: String? = nil) {
        (self.old, self.new, self.message, self.remedy) = (old, new, message, remedy)
    }

    var testDescription: String { new }

    private static let hypervisors = "xen-4.14, xen-4.17, xen-4.20"

    static let all: [ProfileFault] = [
        ProfileFault(
            "dom0: pv", "dom0: pvhh", "23: boot.dom0 is 'pvhh', which is not one of pv, pvh",
            remedy: "did you mean 'pvh'?"),
        ProfileFault(
            "dom0: pv", "dom0: hvm", "23: boot.dom0 is 'hvm', which is not one of pv, pvh",
            remedy: "did you mean 'pv' or 'pvh'?"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pvv]", "24: boot.guests[0] is 'pvv', which is not one of pv, pvh, hvm",
            remedy: "did you mean 'pv' or 'pvh'?"),
        ProfileFault("guests: [pv, pvh, hvm]", "guests: pv", "24: boot.guests is a single value, but should be a list"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv, pv]", "24: boot.guests has a kind of guest more than once"),
        ProfileFault(
            "architecture: x86_64", "architecture: x86-64",
            "3: architecture is 'x86-64', which is not one of arm, arm64, i386, x86, x86_64",
            remedy: "did you mean 'x86_64'?"),
        ProfileFault(
            "hypervisor: xen-4.17", "hypervisor: xen-4.71",
            "22: boot.hypervisor is 'xen-4.71', which is not one of \(hypervisors)", remedy: "did you mean 'xen-4.17'?"),
        ProfileFault(
            "like: dpkg", "like: dpgk",
            "9: series[0].like is 'dpgk', which is not one of quilt, suse, dpkg, rpm, git, gnu",
            remedy: "did you mean 'dpkg'?"),
        ProfileFault(
            "like: dpkg", "fuzz: 4", "9: series[0].fuzz is '4', which is not a whole number from 0 to 3"),
        ProfileFault(
            "path: Patches/xen-dom0-6.1", "path: Patches/none",
            "8: series[0].path is 'Patches/none', but there is no DATA/Patches/none"),
        ProfileFault(
            "fragments: [Profiles/fragments/x86_64-base.config]", "fragments: [Profiles/none.config]",
            "13: configuration.fragments[0] is 'Profiles/none.config', but there is no DATA/Profiles/none.config"),
        ProfileFault(
            "requirements: Profiles/requirements/dom0.yaml", "requirements: Profiles/requirements",
            "14: configuration.requirements is 'Profiles/requirements', which is not a file"),
        ProfileFault(
            "requirements: Profiles/requirements/dom0.yaml", "requirements: Profiles/requirements/dom0-arm64.yaml",
            "14: configuration.requirements is 'Profiles/requirements/dom0-arm64.yaml', whose requirements are for arm64, but the profile is for x86_64"
        ),
        ProfileFault(
            "architecture: x86_64", "architecture: arm64",
            "14: configuration.requirements is 'Profiles/requirements/dom0.yaml', whose requirements are for x86_64, but the profile is for arm64"
        ),
        ProfileFault(
            "targets: [xen_dom0.config]", "targets: [xen_dom0]",
            "12: configuration.targets[0] is 'xen_dom0', which is not a fragment of the tree, such as xen.config"),
        ProfileFault(
            "base: tinyconfig", "base: tiny",
            "11: configuration.base is 'tiny', which is neither a make target such as tinyconfig, nor a file with a slash, nor tree:FILE"
        ),
        ProfileFault(
            "base: tinyconfig", "base: tree:../x",
            "11: configuration.base is 'tree:../x', which does not name a file inside the tree"),
        ProfileFault(
            "series: XEN_INTEGRATION_SERIES", "series: CONFIG_A",
            "16: configuration.provenance.series is 'CONFIG_A', which is not a Kconfig symbol (written without CONFIG_)"
        ),
        ProfileFault(
            "  image: arch", "  image: ../arch",
            "20: build.image is '../arch/x86/boot/bzImage', which is not inside the output folder"),
        ProfileFault(
            "targets: [bzImage]", "targets: []",
            "19: build.targets is empty, but should be a list with something in it"),
        ProfileFault(
            "xen: initial domain ready", "(",
            "32: boot.log[0] is '(: Xen 4\\.17\\S*, PV, [0-9]+ vCPUs?', which is not a regular expression"),
        ProfileFault(
            "\"{series}\"", "\"{serie}\"",
            "29: boot.sysfs.integration/series is '{serie}', which has braces other than {series} and {hash}"),
        ProfileFault(
            "integration/hash:", "../hash:", "30: boot.sysfs.../hash does not name a file below /sys/hypervisor"),
        ProfileFault(
            "suite: bookworm", "suite: -x",
            "5: source.suite is '-x', which is not one of stretch, buster, bullseye, bookworm, trixie, forky, duke, oldoldstable, oldstable, stable, testing, unstable, sid, experimental"
        ),
        ProfileFault(
            "  suite: bookworm\n", "", "5: source.package needs source.suite: the Debian release it is a package of"),
        ProfileFault(
            "suite: bookworm", "suite: bookwrom",
            "5: source.suite is 'bookwrom', which is not one of stretch, buster, bullseye, bookworm, trixie, forky, duke, oldoldstable, oldstable, stable, testing, unstable, sid, experimental",
            remedy: "did you mean 'bookworm'?"),
        ProfileFault(
            "package: linux-source-6.1", "package: a b", "6: source.package is 'a b', which is not one plain word"),
        ProfileFault(
            "  package: linux-source-6.1\n", "", "5: source.suite needs source.package or source.sourcePackage"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  sourcePackage: b",
            "6: source.package and source.sourcePackage exclude each other"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  fuzz: -1",
            "7: source.fuzz is '-1', which is not a whole number from 0 to 3"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  version: six",
            "7: source.version is 'six', which is not a version of Linux, such as 2.6.31 or 6.1"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  patched: yes",
            "7: source.patched is 'yes', which is not one of true, false"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  files: linux.dsc",
            "7: source.files is a single value, but should be a list"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  base: {name: a/b}",
            "7: source.base.name is 'a/b', which is not a file's name"),
        ProfileFault(
            "package: linux-source-6.1", "package: a\n  base: {name: a, sha256: 12}",
            "7: source.base.sha256 is '12', which is not a SHA-256 of 64 hexadecimal digits"),
        ProfileFault(
            "  guests:", "  gests: [pv]\n  guests:",
            "24: unknown key 'boot.gests'; known in boot are hypervisor, dom0, guests, checks, userland, programs, console, processor, processors, crashes, dom0Memory, append, xenAppend, matrix, sysfs, log",
            remedy: "did you mean 'guests'?"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  checks: [disks]",
            "25: boot.checks[0] is 'disks', which is not one of init, console, disk, network, pause, balloon, save, shutdown, restart",
            remedy: "did you mean 'disk'?"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  crashes: [{processors: [], why: x}]",
            "25: boot.crashes[0].processors is empty, but should be a list with something in it"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  crashes: [{processors: [EPYC]}]",
            "25: the key 'boot.crashes[0].why' is missing"),
        ProfileFault(
            "configuration:\n", "compat: {series: []}\nconfiguration:\n",
            "10: compat.series is empty, but should be a list with something in it"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  dom0Memory: 64",
            "25: boot.dom0Memory is '64', which is not a whole number from 256 to 65536"),
        ProfileFault(
            "hypervisors: [xen-4.14, xen-4.17, xen-4.20]", "hypervisors: [xen-4.71]",
            "26: boot.matrix.hypervisors[0] is 'xen-4.71', which is not one of xen-4.14, xen-4.17, xen-4.20",
            remedy: "did you mean 'xen-4.17'?"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  userland: tiny",
            "25: boot.userland is 'tiny', which is not one of full, small"),
        ProfileFault(
            "guests: [pv, pvh, hvm]", "guests: [pv]\n  processors: 0",
            "25: boot.processors is '0', which is not a whole number from 1 to 64"),
        ProfileFault(
            "  image: arch/x86/boot/bzImage", "  image: arch/x86/boot/bzImage\n  toolchain: { oldest: 13, newest: 12 }",
            "21: build.toolchain has an oldest compiler that is newer than the newest"),
        ProfileFault(
            "  image: arch/x86/boot/bzImage", "  image: arch/x86/boot/bzImage\n  toolchain: { gcc: 12 }",
            "21: unknown key 'build.toolchain.gcc'; known in build.toolchain are compiler, hostCompiler, oldest, newest, programs"
        ),
        ProfileFault("  guests: [pv, pvh, hvm]\n", "", "22: the key 'boot.guests' is missing"),
        ProfileFault(
            "boot:", "boot: {}\nboat:",
            "22: unknown key 'boat'; known are name, title, architecture, source, series, host, compat, configuration, build, boot",
            remedy: "did you mean 'boot'?"),
        ProfileFault(
            "  dom0: pv\n", "  dom0: pv\n  dom0: pvh\n",
            "23: the key 'dom0' is given more than once; this is the first"),
        ProfileFault(
            "title:", "title",
            "3:1: the file is not YAML: could not find expected ':' while scanning a simple key in line 2"),
        ProfileFault("name: x", "name: y", "1: name is 'y', but the file is called x.yaml"),
    ]
}

@Suite struct ProfileFaultTests {
    @Test(arguments: ProfileFault.all)
    func aChangedProfile(fault: ProfileFault) throws {
        let data = try DataCopy()
        let text = try data.profile("debian-12").replacing("name: debian-12", with: "name: x")
        #expect(text.contains(fault.old))
        try check(data, text.replacing(fault.old, with: fault.new), fault.message, fault.remedy)
    }

    @Test(arguments: [
        ("", ": the file is empty"), ("bogus", ":1: the file is a single value, but should be a mapping"),
        ("[]", ":1: the file is a list, but should be a mapping"), ("name: x\n", ":1: the key 'title' is missing"),
        (
            "name: [\n",
            ":2:1: the file is not YAML: did not find expected node content while parsing a flow node in line 2"
        ),
    ])
    func otherFiles(text: String, message: String) throws {
        try check(try DataCopy(), text, message, nil)
    }

    /// One damaged profile does not hide the others.
    @Test func allButTheDamaged() throws {
        let data = try DataCopy()
        try data.write("debian-12", try data.profile("debian-12"))
        let broken = try data.write("broken", "name: broken\ntitel: t\n")
        let (profiles, damaged) = try data.store.loadAll()
        #expect(profiles.map(\.name) == ["debian-12"])
        #expect(damaged.map(\.file) == [broken.string])
        #expect(damaged.first?.line == 2)
        #expect(damaged.first?.message.hasSuffix("did you mean 'title'?") == true)
    }

    private func check(_ data: DataCopy, _ text: String, _ message: String, _ remedy: String?) throws {
        let file = try data.write("x", text)
        let error = #expect(throws: PipelineError.self) { try data.store.load("x") }
        #expect(error?.category == .malformedInput)
        let expected = message.replacing("DATA", with: data.store.data.string)
        #expect(error?.message == "\(file)" + (message.hasPrefix(":") ? "" : ":") + expected)
        #expect(error?.remedy == remedy)
    }
}
