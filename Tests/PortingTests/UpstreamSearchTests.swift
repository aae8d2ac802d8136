import Bytes
import Diagnostics
import Glibc
import KernelTree
import Porting
import Series
import SystemPackage
import TestSupport
import Testing

/// Patches that a git revision contains already.
@Suite(.enabled(if: hasTool("git"), "needs git"))
struct UpstreamSearchTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            #"""
            set -e
            export GIT_CONFIG_GLOBAL=/dev/null; mkdir r s; cd r; git init -q .; git config user.email t@example.invalid; git config user.name T
            c() { git add -A; git commit -qm "$1"; }
            seq 1 60 > a; seq 1 20 > b; c base; git tag start
            sed -i 's/^10$/ten/' a; c 'ten: spelled out'; ten=$(git rev-parse HEAD); git format-patch -1 -q --stdout > ../s/same.patch
            sed -i 's/^10$/10/; s/^ten$/TEN/' a; c 'ten: louder'
            sed -i 's/^5$/five/' b; c 'five'; git diff HEAD~ > ../s/reversible.patch
            git tag end
            sed -i 's/^15$/fifteen/' b; c 'fifteen: later'; later=$(git rev-parse HEAD)
            cd ../s
            # Another text, but it names the commit.
            { printf 'Subject: x\nGit-commit: %s\n\n' $ten; printf -- '--- a/a\n+++ b/a\n@@ -9,3 +9,3 @@\n 9\n-10\n+Ten\n 11\n'; } > named.patch
            { printf 'Subject: x\nGit-commit: %s\n\n' $later; printf -- '--- a/b\n+++ b/b\n@@ -14,3 +14,3 @@\n 14\n-15\n+fifteen\n 16\n'; } > later.patch
            # The same change at another place of the file, without a name.
            sed -e '1,/^---$/d' -e 's/^@@ .*/@@ -107,7 +107,7 @@/' same.patch > moved.patch
            printf -- '--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n' > own.patch
            printf '%s\n' named.patch later.patch moved.patch reversible.patch own.patch same.patch > series
            """#)
        try #require(made == 0)
    }

    private func find(_ revision: String, since: String?) async throws -> [UpstreamFinding] {
        let search = UpstreamSearch(
            repository: scratch.path.appending("r"), revision: revision, since: since,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
        return try await search.find(try SeriesReader().read(scratch.path.appending("s")).load())
    }

    @Test func everyWay() async throws {
        let found = try await find("end", since: "start")
        let ways = Dictionary(uniqueKeysWithValues: found.map { ($0.patch, $0.ways) })
        #expect(ways["named.patch"] == [.reference])
        #expect(ways["later.patch"] == [])
        #expect(ways["moved.patch"] == [.patchIdentity])
        #expect(ways["reversible.patch"] == [.patchIdentity, .reversal])
        #expect(ways["own.patch"] == [])
        #expect(ways["same.patch"] == [.reference, .patchIdentity])
        #expect(found[0].subject == "ten: spelled out" && found[2].subject == "ten: spelled out")
        #expect(found[0].commit == found[2].commit)
        #expect(found[1].notContained.count == 1 && !found[1].isUpstream)
        #expect(found.allSatisfy { $0.identity?.count == 40 })
    }

    /// Of several files one is there.
    @Test func partly() async throws {
        try #require(
            scratch.shell(
                "cat s/reversible.patch > s/both.patch; sed -n '/^---/,$p' s/own.patch >> s/both.patch; echo both.patch > s/series"
            )
                == 0)
        let found = try await find("end", since: nil)
        #expect(!found[0].isUpstream && found[0].partly == ["b"])
        #expect(try await find("start", since: nil)[0].partly == [])
    }

    @Test func withoutARangeNoIdentities() async throws {
        let found = try await find("end", since: nil)
        #expect(found.map(\.isUpstream) == [true, false, false, true, false, true])
        let later = try await find("HEAD", since: nil)
        #expect(later[1].ways == [.reference, .reversal])
        // The oldest revision has nothing of it.
        #expect(try await find("start", since: nil).map(\.isUpstream) == Array(repeating: false, count: 6))
    }

    @Test(arguments: [("gone", "start"), ("end", "gone")]) func unknownRevisions(revision: String, since: String) async
    {
        await #expect(throws: KernelTreeError.self) { try await find(revision, since: since) }
    }

    @Test("what applies is not upstream: modes, renames, lines that are alike, commits that were reverted")
    func stillApplies() async throws {
        try #require(
            scratch.shell(
                #"""
                set -e; cd r; git checkout -q -b more end; rm ../s/*
                c() { git add -A; git commit -qm "$1"; }
                block() { printf 'start %s\nsame 1\nsame 2\nsame 3\n%s\nsame 4\nsame 5\nsame 6\nend %s\n' "$1" "$2" "$1"; }
                { block one extra; block two extra; } | sed '/^$/d' > f; echo n > name; seq 1 9 > m; c tree; git tag base
                chmod +x m; c mode; git format-patch -1 -q --stdout > ../s/mode.patch
                sed -i s/5/five/ m; chmod -x m; c both; sed -i 's/^1$/one/' m; chmod +x m; c content-and-mode; git diff HEAD~ > ../s/both.patch
                git mv name name2; c rename; git diff -M HEAD~ > ../s/rename.patch
                # One of two lines that are alike goes: the other one can be taken "back" beside it.
                git checkout -q -b alike base; sed -i '5d' f; c removed; git diff HEAD~ > ../s/line.patch
                git checkout -q -b reverted base; sed -i s/7/seven/ m; c seven; git format-patch -1 -q --stdout > ../s/seven.patch
                git revert -n HEAD; c 'Revert seven'
                printf '%s\n' mode.patch rename.patch line.patch seven.patch both.patch > ../s/series
                git checkout -q -b half more; chmod -x m; c 'the content without the mode'
                """#) == 0)
        for revision in ["base", "reverted"] {
            let found = try await find(revision, since: "end")
            #expect(found.allSatisfy { !$0.isUpstream }, "\(revision): \(found.filter(\.isUpstream))")
            #expect(found.map(\.isReverted) == [false, false, false, revision == "reverted", false], "\(revision)")
        }
        let there = try await find("more", since: nil)
        #expect(there[0].ways == [.reference, .reversal] && there[1].ways == [.reversal], "\(there)")
        #expect(there[4].ways == [.reversal], "\(there[4])")
        #expect(try await find("half", since: nil)[4].ways == [])
        #expect(try await find("alike", since: nil)[2].isUpstream)
        // The same in a folder.
        try #require(
            scratch.shell("cd r && git checkout -q more && chmod -x m && git stash -q && git checkout -q base") == 0)
        let search = UpstreamSearch(in: .folder(scratch.path.appending("r")), environment: [:])
        let folder = try await search.find(try SeriesReader().read(scratch.path.appending("s")).load())
        #expect(folder.allSatisfy { !$0.isUpstream }, "\(folder)")
    }
}
