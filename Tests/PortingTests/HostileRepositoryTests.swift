import Bytes
import Diagnostics
import KernelTree
import Patching
import Porting
import Series
import SystemPackage
import TestSupport
import Testing

/// Repositories whose configuration, attributes and hooks name programs: none of them may ever start.
@Suite(.enabled(if: hasTool("git"), "needs git"))
struct HostileRepositoryTests {
    private let scratch: Scratch
    private let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            #"""
            set -e
            export GIT_CONFIG_GLOBAL=/dev/null; mkdir r s; here=$PWD
            printf '#!/bin/sh\ntouch %s/canary\ncat\nexit 0\n' $here > evil.sh; chmod 755 evil.sh
            cd r; git init -q .; git config user.email t@example.invalid; git config user.name T
            c() { git add -A; git -c commit.gpgsign=false commit -qm "$1"; }
            echo '* diff=evil filter=evil' > .gitattributes; seq 1 20 > a; c base; git tag start
            sed -i 's/^10$/ten/' a; c ten; git format-patch -1 -q --no-ext-diff --stdout > ../s/ten.patch; echo ten.patch > ../s/series
            git init -q ../sub; (cd ../sub; git config user.email t@e; git config user.name T; echo x > x; git add x; git commit -qm x)
            git -c protocol.file.allow=always submodule --quiet add $here/sub sub; c submodule
            # A commit with a signature that git would have checked.
            tree=$(git rev-parse HEAD^{tree}); parent=$(git rev-parse HEAD)
            printf 'tree %s\nparent %s\nauthor T <t@e> 1700000000 +0000\ncommitter T <t@e> 1700000000 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\nsigned\n' $tree $parent > ../commit
            git update-ref HEAD $(git hash-object -t commit -w ../commit)
            for k in gpg.program gpg.openpgp.program diff.external diff.evil.command diff.evil.textconv filter.evil.smudge \
                filter.evil.clean filter.evil.process core.fsmonitor core.sshCommand core.pager core.editor core.gitProxy \
                core.alternateRefsCommand uploadpack.packObjectsHook remote.origin.uploadpack credential.helper; do
                git config $k $here/evil.sh
            done
            git config log.showSignature true; git config diff.submodule diff; git -C sub config diff.external $here/evil.sh
            git config core.hooksPath $here/hooks; mkdir $here/hooks; for h in post-checkout post-index-change reference-transaction fsmonitor-watchman; do cp $here/evil.sh $here/hooks/$h; done
            git config extensions.partialClone origin; git config remote.origin.promisor true; git config remote.origin.url ext::$here/evil.sh
            git config include.path $here/included; printf '[alias]\n\tlog = !%s/evil.sh\n' $here > $here/included
            rm -f $here/canary
            """#)
        try #require(made == 0)
    }

    private func expectNothingRan() {
        #expect(!Files.exists(scratch.path.appending("canary")), "a program was started")
    }

    @Test("searching, reading and exporting start nothing", arguments: [false, true])
    func nothingRuns(missingObject: Bool) async throws {
        if missingObject {
            // A lazy fetch would run the transport.
            #expect(
                scratch.shell(
                    "cd r; o=$(git rev-parse start:a); rm -f .git/objects/$(echo $o | cut -c1-2)/$(echo $o | cut -c3-)")
                    == 0)
        }
        let repository = scratch.path.appending("r")
        let search = UpstreamSearch(
            repository: repository, revision: "HEAD", since: "start", environment: environment)
        let series = try SeriesReader().read(scratch.path.appending("s")).load()
        if missingObject {
            await #expect(throws: KernelTreeError.self) { try await search.find(series) }
        } else {
            let found = try await search.find(series)
            #expect(found.map(\.ways) == [[.reference, .patchIdentity, .reversal]])
        }
        let tree = try await TreeSource.open(.git(repository, revision: "start"), environment: environment)
        let path = try #require(RelativePath("a"))
        if missingObject {
            await #expect(throws: KernelTreeError.self) { try await tree.fetch([path]) }
        } else {
            try await tree.fetch([path])
            #expect(try tree.read(path)?.content.bytes.count == 51)
            let out = try scratch.folder("out")
            let revision = try await GitRevision(repository, revision: "HEAD", environment: environment)
            #expect(try await revision.write(to: out, progress: NoProgress()) == 3)
            #expect(scratch.shell("test -f out/a && test ! -e out/.git") == 0)
        }
        expectNothingRan()
    }

    @Test(
        "work trees, folders in them, bare and packed repositories are found as git finds them",
        arguments: ["r", "r/sub/..", "linked", "bare.git", "r/.git"])
    func layouts(name: String) async throws {
        let made = scratch.shell(
            """
            set -e; export GIT_CONFIG_GLOBAL=/dev/null
            git init -q plain; cd plain; git config user.email t@e; git config user.name T; echo x > x; git add x; git commit -qm x
            git tag start; git worktree add -q ../linked; git pack-refs --all; cd ..; git clone -q --bare plain bare.git
            """)
        try #require(made == 0)
        let revision = try await GitRevision(
            scratch.path.pushing(FilePath(name)), revision: "start", environment: environment)
        #expect(revision.commit.count == 40)
        expectNothingRan()
    }

    @Test(
        "names that are not UTF-8 survive byte for byte, and objects may have SHA-256 names",
        arguments: ["sha1", "sha256"])
    func names(format: String) async throws {
        let made = scratch.shell(
            #"""
            set -e; export GIT_CONFIG_GLOBAL=/dev/null
            git init -q --object-format=\#(format) n; cd n; git config user.email t@e; git config user.name T
            d=$(printf 'caf\351'); mkdir "$d"; echo x > "$d/$(printf 'na\357ve')"; ln -s "$d" link; git add -A; git commit -qm x
            """#)
        try #require(made == 0)
        let revision = try await GitRevision(
            scratch.path.appending("n"), revision: "HEAD", environment: environment)
        _ = try await revision.write(to: try scratch.folder("names"), progress: NoProgress())
        #expect(scratch.shell("cd names && diff -r --no-dereference --exclude=.git . ../n") == 0)
    }
}
