import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `dom0kit refresh` beside `quilt refresh`: other patches, the same tree.
@Suite(.enabled(if: hasTools("quilt", "patch"), "quilt or patch is missing: apt-get install quilt"))
struct RefreshQuiltTests {
    private let scratch: Scratch

    /// Patches of every kind made for `old`, and a `tree` that has moved on since.
    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            #"""
            set -e
            mkdir -p old/d patches/sub; cd old
            for f in a b c d/e d/f; do for i in $(seq 1 90); do echo "$f line $i"; done > $f; done
            for i in $(seq 1 40); do printf 'dos %s\r\n' $i; done > dos
            printf 'x\ny\nlast without newline' > nn
            cd ..; cp -a old work; n=0
            save() { rm -rf before; cp -a work before; }
            diffs() { # NAME OPTIONS
                printf 'Subject: %s\n\nWhy %s.\n---\n' $1 $1 > patches/$1
                diff -r $2 before work | sed -e 's,^\(---\|+++\|\*\*\*\) before/,\1 a/,' -e 's,^\(---\|+++\|\*\*\*\) work/,\1 b/,' >> patches/$1 || :
                echo "$1" >> patches/series
            }
            save; sed -i -e 's/^a line 20$/A 20/' -e 's/^a line 60$/A 60\nand more/' work/a; sed -i '/line 30$/d' work/b; diffs one.patch -Nup
            echo '# between' >> patches/series
            save; sed -i -e 's/^c line 44$/C 44/' work/c; sed -i 's/^A 20$/A twenty/' work/a; diffs sub/two.patch -Nc
            save; sed -i -e 's/^d.e line 9$/E 9/' work/d/e; diffs three.patch -Nup; sed -i 's/$/\r/' patches/three.patch
            save; sed -i 's/^dos 20/DOS 20/' work/dos; printf 'x\ny\nlast, and one more\nhere' > work/nn; diffs four.patch -Nup
            save; sed -i 's/^d.f line 70$/F 70/' work/d/f
            printf 'Subject: five\n\ndiff --git a/d/f b/d/g\nsimilarity index 97%%\nrename from d/f\nrename to d/g\n' > patches/five.patch
            diff -u before/d/f work/d/f | sed -e 's,^--- .*,--- a/d/f,' -e 's,^+++ .*,+++ b/d/g,' >> patches/five.patch || :
            mv work/d/f work/d/g; echo five.patch >> patches/series
            save; sed -i 's/^b line 80$/B 80/' work/b; printf 'Subject: last\n\n' > patches/six.patch
            diff -u work/b before/b | sed -e 's,^--- .*,--- a/b,' -e 's,^+++ .*,+++ b/b,' >> patches/six.patch || :
            echo 'six.patch -R' >> patches/series
            # The tree moves on: offsets, and context that only fuzz forgives.
            cp -a old tree; cd tree
            for f in a b c d/e d/f dos; do sed -i "1i new first line\nnew second line" $f; done
            sed -i 's/^a line 58$/a line fifty-eight/' a; sed -i 's/^c line 42$/c line forty-two/' c
            sed -i 's/^b line 83$/b line 83, changed/' b; sed -i '5,6d' d/e
            """#)
        try #require(made == 0)
    }

    @Test func sameTreeAsQuiltRefresh() throws {
        let made = scratch.shell(
            #"""
            set -e
            export QUILT_PATCHES=../patches
            cp -a patches given; cp -a tree untouched; cp -a tree pushed
            (cd pushed; quilt --quiltrc - push -a > ../push.log); grep -q offset push.log; grep -q fuzz push.log
            """#)
        try #require(made == 0)
        let program = CommandFolder.program.path
        let ours = try run(
            program, ["refresh", "--tree", "tree", "--series", "patches", "--like", "quilt"], in: scratch.path)
        #expect(ours.status == 0, "\(ours.text)")
        // The tree was only read.
        #expect(scratch.shell("diff -r untouched tree") == 0)
        // Everything fits now, without a word of offset or fuzz, and gives the same tree.
        #expect(
            scratch.shell(
                "cp -a tree exact; cd exact; QUILT_PATCHES=../patches quilt --quiltrc - push -a --fuzz=0 > ../exact.log"
            ) == 0)
        #expect(scratch.shell("! grep -E 'offset|fuzz' exact.log") == 0)
        #expect(scratch.shell("diff -r -x .pc pushed exact") == 0)
        // What quilt itself makes of it gives the same tree again (it cannot refresh a patch that is taken back).
        let theirs = scratch.shell(
            #"""
            set -e
            export QUILT_PATCHES=../theirs
            rm -rf theirs refreshed; cp -a given theirs; cp -a tree refreshed; cd refreshed
            while quilt --quiltrc - unapplied | grep -v six.patch | grep -q .; do
                quilt --quiltrc - push; quilt --quiltrc - refresh
            done
            cd ..; cp -a tree again; cd again
            while quilt --quiltrc - unapplied | grep -v six.patch | grep -q .; do quilt --quiltrc - push --fuzz=0; done
            """#)
        #expect(theirs == 0)
        #expect(scratch.shell("diff -r -x .pc refreshed again") == 0)
        #expect(
            scratch.shell(
                "cd exact; QUILT_PATCHES=../patches quilt --quiltrc - pop && cd .. && diff -r -x .pc exact again") == 0)
        // Descriptions, comments and the list of patches keep their bytes; so does the format.
        #expect(
            scratch.shell(
                """
                cmp given/series patches/series
                for p in one.patch sub/two.patch three.patch four.patch five.patch; do
                    sed '/^---[^-]*$/q' given/$p | head -4 > want; head -4 patches/$p | cmp -s - want || head -4 given/$p | cmp -s - want || exit 1
                done
                grep -q '^\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*' patches/sub/two.patch && grep -q '^ d/e line 10.$' patches/three.patch
                """) == 0)
        // And a second time there is nothing to do.
        #expect(scratch.shell("cp -a patches once") == 0)
        let again = try run(
            program, ["refresh", "--tree", "tree", "--series", "patches", "--like", "quilt"], in: scratch.path)
        #expect(again.status == 0 && again.text.contains("clean already") && scratch.shell("diff -r once patches") == 0)
    }

    @Test func aDryRunWritesNothing() throws {
        try #require(scratch.shell("cp -a patches given") == 0)
        let ended = try run(
            CommandFolder.program.path,
            ["refresh", "--tree", "tree", "--series", "patches", "--like", "quilt", "--dry-run", "--format", "json"],
            in: scratch.path)
        #expect(
            ended.status == 0 && ended.text.contains("\"written\" : false") && ended.text.contains("\"proven\" : true"))
        #expect(scratch.shell("diff -r given patches") == 0)
    }

    @Test func whatCannotBeRewrittenInPlaceIsSaid() throws {
        try #require(
            scratch.shell(
                "cp -a patches given; gzip patches/one.patch; sed -i 's/^one.patch/one.patch.gz/' patches/series; cp -a patches packed"
            ) == 0)
        let ended = try run(
            CommandFolder.program.path, ["refresh", "--tree", "tree", "--series", "patches", "--like", "quilt"],
            in: scratch.path)
        #expect(ended.status == 64 && ended.errors.contains("compressed"))
        #expect(scratch.shell("diff -r packed patches") == 0)
    }
}
