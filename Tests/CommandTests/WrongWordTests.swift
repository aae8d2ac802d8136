import TestSupport
import Testing

/// A word that is not one of those there are: exit code 64, all right words and the nearest.
@Suite struct WrongWordTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
        try folder.write("tree/f", "1\n2\n3\n")
        try folder.write("x.patch", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n")
    }

    @Test(arguments: [
        (["verfy"], "dom0kit: 'dom0kit' has no command 'verfy'\n  did you mean 'verify'?\n"),
        (["series", "lits", "p"], "dom0kit: 'dom0kit series' has no command 'lits'\n  did you mean 'list'?\n"),
        (["profile", "shwo", "x"], "dom0kit: 'dom0kit profile' has no command 'shwo'\n  did you mean 'show'?\n"),
        (["help", "config", "chekc"], "dom0kit: 'dom0kit config' has no command 'chekc'\n  did you mean 'check'?\n"),
        (
            ["source", "frobnicate"],
            "dom0kit: 'dom0kit source' has no command 'frobnicate'\n  there are: import; 'dom0kit source --help' says what they do\n"
        ),
    ])
    func commands(arguments: [String], errors: String) throws {
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 64)
        #expect(run.errors == errors)
        #expect(run.output.isEmpty)
    }

    @Test(arguments: [
        (["inspect", "x", "--format", "jsn"], "it takes one of text, json; did you mean 'json'?"),
        (["inspect", "x", "--color", "alwys"], "it takes one of auto, always, never; did you mean 'always'?"),
        (["inspect", "x", "--dom0", "pvhh"], "it takes one of pv, pvh; did you mean 'pvh'?"),
        (["boot", "--kernel", "x", "--dom0", "hvm"], "it takes one of pv, pvh; did you mean 'pv' or 'pvh'?"),
        (["boot", "--kernel", "x", "--guests", "pv,pvv"], "it takes one of pv, pvh, hvm; did you mean 'pv' or 'pvh'?"),
        (
            ["apply", "--tree", "tree", "--series", "x.patch", "--like", "dpgk"],
            "it takes one of quilt, suse, dpkg, rpm, git, gnu, all; did you mean 'dpkg'?"
        ),
        (
            ["run", "x", "--stop-after", "biuld"],
            "it takes one of import, apply, configure, build, inspect, boot, evidence; did you mean 'build'?"
        ),
        (
            ["series", "list", "x.patch", "--dialect", "qilt"],
            "it takes one of quilt, debian, lenny, suse, git, rpm, patch; did you mean 'quilt'?"
        ),
        (
            ["series", "convert", "x.patch", "--into", "o", "--to", "git"],
            "it takes one of quilt, debian, suse, rpm"
        ),
        (["config", "explain", "A", "--tree", "t", "--config", "c", "--want", "x"], "it takes one of y, m, n"),
        (["config", "explain", "A", "--tree", "t", "--config", "c", "--arch", "x86-64"], "did you mean 'x86_64'?"),
        (
            ["config", "check", "--config", "c", "--dom0", "pvx"],
            "it takes one of pv, pvh; did you mean 'pv' or 'pvh'?"
        ),
        (["build", "--tree", "t", "--config", "c", "--into", "o", "--architecture", "arm46"], "did you mean 'arm64'?"),
        (["boot", "--kernel", "x", "--expect-log", "("], "it takes a regular expression"),
        (["boot", "--kernel", "x", "--hypervisor", "xen-4.71"], "did you mean 'xen-4.17'?"),
        (["run", "debain-12"], "did you mean 'debian-12'?"),
        (["refresh", "--tree", "tree", "--series", "x.patch", "--like", "all"], "--like all is for 'verify'"),
        (["inspect", "x", "--jbos", "2"], "Did you mean '--jobs'?"),
    ])
    func values(arguments: [String], says: String) throws {
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 64, "\(run)")
        #expect(run.errors.contains(says), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test(arguments: ["0", "-1", "-9223372036854775808", "x", "1.5", "", "99999999999999999999"])
    func jobsThatAreNotANumberFromOneOn(jobs: String) throws {
        for arguments in [["--jobs", jobs], ["--jobs=\(jobs)"], ["-j", jobs]] {
            let run = try folder.dom0kit(["apply", "--tree", "tree", "--series", "x.patch"] + arguments)
            #expect(run.status == 64, "\(arguments) \(run)")
            #expect(run.errors.contains("jobs") && !run.errors.contains("bug"), "\(run.errors)")
        }
    }

    @Test(arguments: ["1", "2000", "9223372036854775807"])
    func manyJobs(jobs: String) throws {
        let more = ["--tree", "tree", "--series", "x.patch", "--jobs", jobs]
        for command in ["verify", "apply", "refresh"] {
            let status = command == "refresh" ? 10 : 0
            let run = try folder.dom0kit([command] + more)
            #expect(Int(run.status) == status, "\(command): \(run)")
        }
        #expect(try folder.dom0kit("series", "list", "x.patch", "--jobs", jobs).status == 0)
    }

    /// What bash is offered, by the script that the program prints.
    @Test(arguments: [
        (["profile", "show", "debian-1"], ["debian-11", "debian-12", "debian-13"]),
        (["run", "opensuse-t"], ["opensuse-tumbleweed"]),
        (["run", "x", "--hypervisor", "xen-4.1"], ["xen-4.14", "xen-4.17"]),
        (["boot", "--hypervisor", "xen-4.2"], ["xen-4.20"]),
        (["verify", "--like", "g"], ["git", "gnu"]), (["boot", "--dom0", ""], ["pv", "pvh"]),
        (["run", "x", "--stop-after", "b"], ["build", "boot"]), (["inspect", "--format", "j"], ["json"]),
    ])
    func completions(words: [String], offered: [String]) throws {
        let script = """
            dom0kit() { '\(CommandFolder.program.path)' "$@"; }
            source /dev/stdin <<<"$(dom0kit --generate-completion-script bash)"
            COMP_WORDS=(dom0kit "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            _dom0kit dom0kit "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let bash = try run("bash", ["-c", script, "bash"] + words)
        #expect(bash.text.split(separator: "\n").map(String.init) == offered)
    }
}
