import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `dom0kit apply --quilt-state` beside quilt itself.
@Suite(.enabled(if: hasTools("quilt", "patch"), "quilt or patch is missing: apt-get install quilt"))
struct QuiltStateTests {
    private let scratch: Scratch

    /// A tree and a series with everything a patch can do; `orig` is a copy of the tree.
    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            #"""
            set -e
            mkdir -p tree/d/e patches/sub
            cd tree; seq 1 30 > f; seq 1 20 > d/e/g; seq 50 59 > d/only; seq 100 130 > mv; printf '#!/bin/sh\n' > run
            printf 'no newline' > nn; seq 5 9 > 'a b'; chmod 444 f; chmod 755 d/e/g; cd ..
            cp -a tree orig
            cp -a tree a; cp -a tree b; cd b
            sed -i 's/^10$/ten/' f; mkdir -p new/deep; seq 1 2 > new/deep/file; rm d/only; cd ..
            diff -Nru a b > patches/sub/one.patch || :
            rm -rf a; cp -a b a; cd b; sed -i 's/^11$/eleven/' f; echo c >> new/deep/file; printf 'newline\n' > nn
            sed -i 's/^7$/seven/' 'a b'; rm -r d/e; cd ..
            diff -Nru a b > patches/three.patch || :
            cat > patches/two.patch <<'END'
            Subject: modes, a move, an empty file

            diff --git a/run b/run
            old mode 100644
            new mode 100755
            diff --git a/mv b/d/moved
            similarity index 95%
            rename from mv
            rename to d/moved
            --- a/mv
            +++ b/d/moved
            @@ -1,3 +1,3 @@
             100
            -101
            +x101
             102
            diff --git a/made b/made
            new file mode 100644
            index 0000000..e69de29
            END
            printf '# all\nsub/one.patch\ntwo.patch -p1\nthree.patch # last\n' > patches/series
            cp -a tree quilted
            """#)
        try #require(made == 0)
    }

    private func apply(_ arguments: String..., expect status: Int32 = 0) throws -> ToolRun {
        let program = CommandFolder.program.path
        let ended = try run(program, ["apply", "--tree", "tree", "--like", "quilt"] + arguments, in: scratch.path)
        #expect(ended.status == status, "\(ended.text)")
        return ended
    }

    private func quilt(_ command: String, in tree: String) -> Int32 {
        scratch.shell("cd \(tree) && QUILT_PATCHES='\(scratch.path)/patches' quilt --quiltrc - \(command)")
    }

    /// Names, kinds, modes and contents, empty folders apart: quilt leaves them.
    private func same(_ one: String, _ other: String) -> Int32 {
        let list = "find . -path ./.pc -prune -o ! -type d -printf '%P %y %m %l\\n' | sort"
        return scratch.shell(
            """
            (cd \(one); \(list)) > one.list; (cd \(other); \(list)) > other.list
            cmp one.list other.list && cut -d ' ' -f 1 one.list > /dev/null &&
            (cd \(one); find . -path ./.pc -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) > one.sums &&
            (cd \(other); find . -path ./.pc -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) > other.sums &&
            cmp one.sums other.sums
            """)
    }

    @Test func sameTreeAndStateAsQuilt() throws {
        _ = try apply("--series", "patches", "--quilt-state")
        try #require(quilt("push -a", in: "quilted") == 0)
        #expect(same("tree", "quilted") == 0)
        #expect(scratch.shell("diff -r -x .timestamp tree/.pc quilted/.pc") == 0)
    }

    @Test func quiltTakesItBackAndAppliesItAgain() throws {
        _ = try apply("--series", "patches", "--quilt-state")
        try #require(scratch.shell("cp -a tree applied") == 0)
        #expect(quilt("pop -a", in: "tree") == 0)
        #expect(same("tree", "orig") == 0)
        #expect(quilt("push -a", in: "tree") == 0)
        #expect(same("tree", "applied") == 0)
        #expect(quilt("pop -a", in: "tree") == 0)
        #expect(same("tree", "orig") == 0)
    }

    @Test func whatIsAppliedAlreadyIsLeftOut() throws {
        try #require(scratch.shell("cp -a patches first; printf 'sub/one.patch\\n' > first/series") == 0)
        _ = try apply("--series", "first", "--quilt-state")
        let rest = try apply("--series", "patches", "--quilt-state", "--format", "json")
        #expect(String(decoding: rest.output, as: UTF8.self).contains("\"appliedBefore\" : 1"))
        try #require(quilt("push -a", in: "quilted") == 0)
        #expect(same("tree", "quilted") == 0)
        #expect(scratch.shell("diff -r -x .timestamp tree/.pc quilted/.pc") == 0)
        // All of it is there: nothing happens.
        _ = try apply("--series", "patches", "--quilt-state")
        #expect(same("tree", "quilted") == 0)
        // Another series is refused.
        let other = try apply("--series", "first", "--quilt-state", expect: 65)
        #expect(other.errors.contains(".pc/applied-patches:2: 'two.patch'"))
    }

    @Test func quiltGoesOnWhereTheKitStopped() throws {
        try #require(scratch.shell("cp -a patches first; printf 'sub/one.patch\\ntwo.patch\\n' > first/series") == 0)
        _ = try apply("--series", "first", "--quilt-state")
        try #require(scratch.shell("echo three.patch >> first/series") == 0)
        #expect(quilt("push", in: "tree") == 0)
        try #require(quilt("push -a", in: "quilted") == 0)
        #expect(same("tree", "quilted") == 0)
    }

    @Test func whatQuiltCannotGiveBackIsSaid() throws {
        try scratch.file("tree/empty", "")
        try scratch.file("patches/two.patch", "--- a/empty\n+++ b/empty\n@@ -0,0 +1 @@\n+x\n")
        let said = try apply("--series", "patches", "--quilt-state")
        #expect(said.text.contains("empty was there and empty"))
    }

    @Test func aDryRunLeavesNothing() throws {
        _ = try apply("--series", "patches", "--quilt-state", "--dry-run")
        #expect(same("tree", "orig") == 0 && !Files.exists(scratch.path.pushing("tree/.pc")))
    }

    @Test func whatQuiltCannotReadIsRefused() throws {
        _ = try apply("--series", "patches/two.patch", "--quilt-state", expect: 64)
        _ = try apply("--series", "patches", "--series", "patches", "--quilt-state", expect: 64)
        #expect(same("tree", "orig") == 0)
    }
}
