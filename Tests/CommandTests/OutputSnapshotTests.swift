import SystemPackage
import TestSupport
import Testing

/// What commands print on small inputs, and their messages for the usual mistakes, pinned with the exit code.
struct OutputSnapshotTests {
    /// Command lines whose output is pinned, each in a folder of its own made by ``SnapshotFolder``.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The command lines that are run one after the other.
        let lines: [String]

        init(_ name: String, _ lines: String...) {
            self.name = name
            self.lines = lines
        }

        var testDescription: String { name }
    }

    /// Results as text, and one of each kind as JSON.
    static let results: [Case] = [
        Case(
            "apply", "apply --tree tree --series kit/Patches/own --dry-run",
            "apply --tree tree --series kit/Patches/own", "apply --tree tree --series kit/Patches/own"),
        Case("apply-moved", "apply --tree tree --series moved --strict", "apply --tree tree --series moved"),
        Case("apply-fails", "apply --tree tree --series bad"),
        Case("apply-json", "apply --tree tree --series bad --format json"),
        Case(
            "verify", "verify --tree tree --series kit/Patches/own", "verify --tree tree --series moved --strict",
            "verify --tree tree --tree imported --series kit/Patches/own --series suse --each"),
        Case("verify-fails", "verify --tree tree --series bad"),
        Case("verify-like-all", "verify --tree tree --series moved --series kit/Patches/own --each --like all"),
        Case("verify-json", "verify --tree tree --series moved --format json"),
        Case(
            "refresh", "refresh --tree tree --series moved --dry-run", "refresh --tree tree --series moved",
            "refresh --tree tree --series moved", "refresh --tree tree --series bad"),
        Case("refresh-json", "refresh --tree tree --series moved --dry-run --format json"),
        Case("series-list", "series list suse", "series list suse --guards xen", "series list lint", "series list bad"),
        Case("series-list-json", "series list suse --format json"),
        Case("series-lint", "series lint suse", "series lint lint", "series lint moved --require Origin --strict"),
        Case("series-lint-json", "series lint lint --format json"),
        Case("series-convert", "series convert suse --guards xen --to quilt --into quilt"),
        Case("series-convert-json", "series convert suse --guards xen --to quilt --into quilt --format json"),
        Case("series-twins", "series twins fork --tree forked --strict", "series twins fork"),
        Case("series-twins-json", "series twins fork --tree forked --format json"),
        Case("config-check", "config check --config good.config --tree ktree --requirements r.yaml"),
        Case(
            "config-check-fails", "config check --config bad.config --tree ktree --requirements r.yaml",
            "config check --config bad.config --kernel-version 6.1 --requirements r.yaml --fragment dom0.fragment"),
        Case("config-check-json", "config check --config bad.config --tree ktree --requirements r.yaml --format json"),
        Case(
            "config-explain", "config explain XEN_DOM0 --tree ktree --config bad.config",
            "config explain XEN_DOMO --tree ktree --config bad.config",
            "config explain CONFIG_XEN --tree ktree --config good.config --want n"),
        Case("config-explain-json", "config explain XEN_DOM0 --tree ktree --config bad.config --format json"),
        Case(
            "config-merge", "config merge --tree ktree --base tinyconfig --into out dom0.fragment",
            "config merge --tree ktree --base tinyconfig --into out dom0.fragment gone.fragment"),
        Case("config-merge-json", "config merge --tree ktree --base tinyconfig --into o gone.fragment --format json"),
        Case(
            "build", "build --tree ktree --config good.config --into out --jobs 2",
            "build --tree ktree --config good.config --into out --jobs 2 --target broken"),
        Case("build-json", "build --tree ktree --config good.config --into out --jobs 2 --format json"),
        Case(
            "inspect", "inspect vmlinux", "inspect vmlinux-plain", "inspect vmlinux --dom0 pvh",
            "inspect vmlinux --config bad.config --requirements r.yaml"),
        Case("inspect-json", "inspect vmlinux --format json"),
        Case("profile", "profile list --data kit", "profile show miniature --data kit"),
        Case("profile-list-json", "profile list --data kit --format json"),
        Case("profile-show-json", "profile show miniature --data kit --format json"),
        Case("source-import", "source import ./tree --into new"),
        Case("source-import-json", "source import ./tree --into new --format json"),
        Case(
            "run", "run miniature --data kit --source tree --work work --stop-after apply",
            "run miniature --data kit --source tree --work work --stop-after apply"),
        Case("run-json", "run miniature --data kit --source tree --work work --stop-after apply --format json"),
        Case("version", "--version"),
    ]

    /// Messages for what goes wrong most often.
    static let mistakes: [Case] = [
        Case("usage", "aply", "series lits x", "verify --tree tree", "verify --series bad", "apply --series bad"),
        Case(
            "options", "apply --tree tree --series bad --fuzz 9", "apply --tree tree --series bad --like dpgk",
            "apply --tree tree --series bad --jobs 0", "apply --tree tree --series bad --quiet --verbose",
            "inspect vmlinux --dom0 hvm", "verify --tree tree --series bad --fromat json"),
        Case(
            "trees", "apply --tree nowhere --series bad", "apply --tree text --series bad",
            "apply --tree text --series bad --dry-run", "verify --tree git:tree@HEAD --series bad"),
        Case(
            "series", "verify --tree tree --series nowhere", "verify --tree tree --series text",
            "verify --tree tree --series broken.patch", "verify --tree tree --series empty.patch",
            "verify --tree tree --series lint",
            "series list tree", "series convert suse --to quilt --into suse"),
        Case(
            "sources", "source import ./nowhere --into new", "source import ./text --into new",
            "source import ./ktree --into new", "source import ./tree --into kit",
            "source import miniatur --into new --data kit", "source import miniature --into new --data kit",
            "source import git:tree --into new", "source import git:tree@HEAD --into new"),
        Case(
            "profiles", "profile show miniatur --data kit", "profile show typo --data kit",
            "profile list --data nowhere", "run miniature --data kit --work work"),
        Case(
            "configurations", "config check --config nowhere --requirements r.yaml",
            "config check --config malformed.config --requirements r.yaml",
            "config check --config bad.config --requirements text --tree ktree",
            "config check --config bad.config --requirements r.yaml",
            "config check --config bad.config --requirements r.yaml --kernel-version six",
            "config explain XEN --tree nowhere --config bad.config",
            "config merge --tree text --into out", "config merge --tree ktree --into out --target no.config"),
        Case(
            "images", "inspect nowhere", "inspect text", "inspect tree", "boot --kernel nowhere --hypervisor xen-4.17",
            "boot --kernel vmlinux --hypervisor xen-9 --data kit", "boot --kernel vmlinux --guests pv,vm",
            "boot --kernel vmlinux --expect-file x", "boot --kernel vmlinux --deadline 0"),
        Case(
            "builds", "build --tree nowhere --config good.config --into out",
            "build --tree ktree --config nowhere --into out",
            "build --tree ktree --config good.config --into out --target nothing --jobs 2"),
        Case(
            "outputs", "verify --tree tree --series kit/Patches/own --output /nowhere/x",
            "series list suse --output tree"),
    ]

    private func check(_ example: Case, below part: String, environment: [String: String] = [:]) throws {
        let made = try SnapshotFolder()
        try check(example, in: made, below: part, environment: environment)
    }

    private func check(
        _ example: Case, in made: SnapshotFolder, below part: String, environment: [String: String] = [:]
    ) throws {
        // A second tree, which lacks a file of the first.
        try made.folder.write("imported/init/main.c", "line 1\nline 2\n")
        var text = ""
        for line in example.lines {
            let run = try made.folder.dom0kit(line.split(separator: " ").map(String.init), environment: environment)
            text += "$ dom0kit \(line)\n" + run.output
            if !run.errors.isEmpty { text += "[standard error]\n" + run.errors }
            text += "[exit code \(run.status)]\n\n"
        }
        try Snapshot.check(
            Snapshot.masked(text, folder: made.folder.path), as: part + "/" + example.name)
    }

    @Test(arguments: Self.results) func result(example: Case) throws { try check(example, below: "results") }

    @Test(arguments: Self.mistakes) func mistake(example: Case) throws { try check(example, below: "mistakes") }

    private static let programs = [
        Case("doctor", "doctor"), Case("doctor-json", "doctor --format json"),
    ]

    /// The machine's programs vary; these do not.
    @Test(arguments: Self.programs) func doctor(example: Case) throws {
        let made = try SnapshotFolder()
        let path = try made.programs("make", "gcc", "ld", "flex", "bison", "bc", "perl", "apt-get")
        try check(example, in: made, below: "results", environment: ["PATH": path])
    }

    private static let searches = [
        Case("series-upstream", "series upstream fork --in git:repository@HEAD --strict"),
        Case("series-upstream-json", "series upstream fork --in git:repository@HEAD --format json"),
    ]

    @Test(.enabled(if: hasTool("git"), "git is not on this machine: apt-get install git"), arguments: Self.searches)
    func upstream(example: Case) throws {
        let made = try SnapshotFolder()
        try made.commit()
        try check(example, in: made, below: "results")
    }

    @Test func nothingIsLeftOver() throws {
        try Snapshot.checkNames(
            (Self.results + Self.programs + Self.searches).map(\.name), below: "results")
        try Snapshot.checkNames(Self.mistakes.map(\.name), below: "mistakes")
    }
}
