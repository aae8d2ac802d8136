import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Patches as they come: compressed, as mail, and of a size nobody expects.
@Suite struct PackedPatchesTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.file("tree/f", (1...9).map { "\($0)\n" }.joined())
    }

    private func apply(_ arguments: String...) throws -> ToolRun {
        try run(CommandFolder.program.path, ["apply", "--tree", "tree"] + arguments, in: scratch.path)
    }

    @Test(
        .enabled(
            if: hasTools("gzip", "bzip2", "xz"), "gzip, bzip2 or xz is missing: apt-get install gzip bzip2 xz-utils"),
        arguments: [("gzip", "gz"), ("bzip2", "bz2"), ("xz", "xz")])
    func compressed(tool: String, suffix: String) throws {
        try scratch.file("p/x.patch", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n")
        try scratch.file("p/series", "x.patch.\(suffix)\n")
        try #require(scratch.shell("\(tool) p/x.patch") == 0)
        for series in ["p", "p/x.patch.\(suffix)"] {
            let ended = try apply("--series", series, "--dry-run")
            #expect(ended.status == 0 && ended.text.contains("1 hunk in 1 file"), "\(ended.text)")
        }
        #expect(try apply("--series", "p").status == 0)
        #expect(try scratch.text("tree/f").hasPrefix("1\ntwo\n3\n"))
    }

    /// A mailbox that git made, and what git am makes of it.
    @Test(.enabled(if: hasTool("git"), "git is missing: apt-get install git"))
    func mailboxes() throws {
        let made = scratch.shell(
            """
            set -e
            export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_GLOBAL=/dev/null
            cp -a tree work; cd work; git init -q; git add -A; git commit -qm base
            sed -i 's/^2$/two/' f; printf 'x\\0y' > bin; git add -A; git commit -qm 'one: change' -m 'Words.'
            git mv f g; sed -i 's/^8$/eight/' g; chmod 755 g; git commit -qam 'two: move'
            mkdir d; printf 'no newline' > 'd/ä b'; git add -A; git commit -qm 'three: odd names'
            git format-patch -q --stdout --binary HEAD~3 > ../all.mbox; rm -rf .git
            """)
        try #require(made == 0)
        let ended = try apply("--series", "all.mbox", "--like", "git")
        #expect(ended.status == 0, "\(ended.text)")
        #expect(scratch.shell("diff -r work tree && test -x tree/g") == 0)
    }

    private static let isHuge = ProcessInfo.processInfo.environment["DOM0KIT_HUGE"] != nil

    /// A line of 1 GB: memory stays within a small multiple of the input, and the outcome is right.
    @Test(.enabled(if: isHuge, "DOM0KIT_HUGE is not set: it takes 3 GB of disk and some of memory"))
    func aLineOfAGigabyte() throws {
        let made = scratch.shell(
            """
            set -e
            { printf -- '--- a/f\\n+++ b/f\\n@@ -1,3 +1,3 @@\\n 1\\n-2\\n+'; head -c 1073741824 /dev/zero | tr '\\0' x; printf '\\n 3\\n'; } > x.patch; echo x.patch > series
            """)
        try #require(made == 0)
        // A patch by itself is read to know what it is, up to a quarter of that.
        #expect(try apply("--series", "x.patch").status == 65)
        let ended = try run(
            "sh",
            [
                "-c",
                "ulimit -v 6000000; exec '\(CommandFolder.program.path)' apply --tree tree --series series",
            ], in: scratch.path)
        #expect(ended.status == 0, "\(ended.text)")
        #expect(scratch.shell("test $(stat -c %s tree/f) = $((1073741824 + 17))") == 0)
        let words = try run(
            "sh",
            [
                "-c",
                "head -c 1073741824 /dev/zero | tr '\\0' '-' > x.patch; ulimit -v 6000000; exec '\(CommandFolder.program.path)' verify --tree tree --series series",
            ],
            in: scratch.path)
        #expect(words.status == 65, "\(words.text)")
    }
}
