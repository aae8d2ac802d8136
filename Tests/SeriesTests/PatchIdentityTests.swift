import Bytes
import Patching
import Series
import SystemPackage
import TestSupport
import Testing

/// The identity of patches, with `git patch-id --stable` as the judge.
@Suite(.enabled(if: hasTool("git"), "needs git")) struct PatchIdentityTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let made = shell(
            #"""
            set -e
            export GIT_CONFIG_GLOBAL=/dev/null; mkdir r; cd r; git init -q .; git config user.email t@example.invalid; git config user.name T
            c() { git add -A; git commit -qm "$1" --date '2020-01-01 00:00 +0000'; }
            seq 1 60 > a; seq 1 9 > b; printf 'no end' > e; printf 'x\0y' > bin; c base
            sed -i 's/^7$/seven/; s/^50$/fifty/' a; c two-hunks
            sed -i 's/^3$/  three  /' b; echo 60 >> a; c two-files
            printf 'no end\nmore' > e; c no-newline
            echo new > n; c new; git rm -q n; c gone
            chmod +x b; c mode; git mv b d; c rename; printf 'x\0z' > bin; c binary
            sed -i 's/^9$/-- dashes/; s/^10$/++ plus/' a; c signs; : > empty; c empty; sed -i '20,30d' a; sed -i 's/^1$/\t1/' a; c tabs
            git format-patch -q --root -o ../p; for f in ../p/*; do git patch-id --stable < $f | cut -d ' ' -f 1 > $f.id; done
            git format-patch -q --root --no-renames -o ../p --suffix=.plain; git format-patch -q -U8 --root -o ../p --suffix=.wide
            for f in ../p/*.plain ../p/*.wide; do git patch-id --stable < $f | cut -d ' ' -f 1 > $f.id; done
            """#, in: scratch.path)
        try #require(made == 0)
    }

    private func identity(_ bytes: [UInt8]) throws -> String? {
        PatchIdentity(of: try ParsedPatch.parse(Blob(bytes), name: "p", strip: 1))?.hex
    }

    @Test func sameAsGit() throws {
        let folder = scratch.path.appending("p")
        let names = try Files.list(folder).filter { !$0.hasSuffix(".id") }
        #expect(names.count >= 36)
        for name in names {
            let want = String(decoding: try Files.read(folder.appending(name + ".id")), as: UTF8.self)
            #expect(try identity(Files.read(folder.appending(name))) == String(want.dropLast()), "\(name)")
        }
    }

    /// Without git's lines a text patch has the identity that git would give it.
    @Test func patchesWithoutGitLines() throws {
        let folder = scratch.path.appending("p")
        for name in try Files.list(folder)
        where name.hasPrefix("0002") || name.hasPrefix("0003") || name.hasPrefix("0005") {
            guard name.hasSuffix(".patch") else { continue }
            let bytes = try Files.read(folder.appending(name))
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            let plain = lines.filter { line in
                !["diff --git", "index ", "new file mode"].contains { line.hasPrefix($0) }
            }
            #expect(try identity(Array(plain.joined(separator: "\n").utf8)) == identity(bytes), "\(name)")
        }
    }

    @Test func whatCannotBeIdentified() throws {
        #expect(throws: PatchError.self) { try identity(Array("only words\n".utf8)) }
    }

    @Test(arguments: [
        ("Git-commit: 0123456789abcdef0123456789abcdef01234567", ["0123456789abcdef0123456789abcdef01234567"]),
        ("commit 0123456789abcdef0123456789abcdef01234567 upstream.", ["0123456789abcdef0123456789abcdef01234567"]),
        ("[ Upstream commit 0123456789ABCDEF0123 ]", ["0123456789abcdef0123"]),
        ("(cherry picked from commit 0123456789abcdef)", ["0123456789abcdef"]),
        ("Origin: https://git.kernel.org/linus/c/0123456789abcdef01", ["0123456789abcdef01"]),
        ("Origin: upstream, https://git.kernel.org/?p=linux.git;a=commit;h=0123456789abcdef", ["0123456789abcdef"]),
        ("Origin: https://git.kernel.org/pub/scm/linux.git/commit/?id=0123456789abcdef", ["0123456789abcdef"]),
        (
            "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
            ["0123456789abcdef0123456789abcdef01234567"]
        ),
        ("Fixes: 0123456789abcdef (\"x\")\nThis reverts commit 0123456789abcdef.", []),
        ("Origin: vendor, deadbeef", []),
    ])
    func referencesToUpstream(header: String, commits: [String]) {
        let text = header + "\n\nText.\n---\n" + String(decoding: patch(), as: UTF8.self)
        #expect(UpstreamReference.commits(in: Array(text.utf8)) == commits)
    }
}
