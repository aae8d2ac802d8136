import SystemPackage
import TestSupport
import Testing

/// Patches that touch a file more than once, and files and folders that take each other's place: held against GNU patch and
/// git, which are asked patch by patch, as quilt and `git apply` are.
@Suite(.enabled(if: hasTools("patch", "git"), "needs patch and git"))
struct OneChangeTests {
    /// What is made: the tree, and the patches in order.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: String
        /// What the consumers say, to be sure that the case is what it is meant to be: quilt's patch, git.
        let applies: (patch: Bool, git: Bool)
        var strip = 1
    }

    private static let helpers = #"""
        new() { printf 'diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+f\n' $1 $1 $1; }
        del() { printf 'diff --git a/%s b/%s\ndeleted file mode 100644\n--- a/%s\n+++ /dev/null\n@@ -1 +0,0 @@\n-f\n' $1 $1 $1; }
        plain() { grep -v -e '^diff' -e ' mode '; }
        edit() { printf 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+X\n 3\n'; }
        move() { printf 'diff --git a/%s b/%s\nsimilarity index 100%%\nrename from %s\nrename to %s\n' $1 $2 $1 $2; }
        mail() { printf 'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: a\nSubject: x\n\n'; }
        link() { printf 'diff --git a/l b/l\n%s file mode 120000\n--- %s\n+++ %s\n@@ -%s +%s @@\n%sbase\n\\ No newline at end of file\n' "$@"; }
        mkdir tree s; echo base > tree/base; printf '1\n2\n3\n' > tree/a
        """#

    private static let cases = [
        Case(
            testDescription: "a file, then a file below it",
            script: "new d | plain > s/1; new d/x | plain > s/2; del d | plain > s/3", applies: (false, false)),
        Case(
            testDescription: "a file below, then a file in the folder's place",
            script: "new d/x | plain > s/1; new d | plain > s/2; del d/x | plain > s/3", applies: (false, false)),
        Case(
            testDescription: "a file becomes a folder in one patch", script: "new f > s/1; { del f; new f/in; } > s/2",
            applies: (false, true)),
        Case(
            testDescription: "a folder becomes a file in one patch", script: "new g/x > s/1; { new g; del g/x; } > s/2",
            applies: (false, true)),
        Case(
            testDescription: "a file of the tree becomes a folder",
            script: "echo f > tree/d; del d | plain > s/1; new d/x | plain > s/2", applies: (true, true)),
        Case(
            testDescription: "the same in one patch", script: "echo f > tree/d; { del d; new d/x; } > s/1",
            applies: (false, true)),
        Case(
            testDescription: "a change and a rename in one patch", script: "{ edit; move a c; } > s/1",
            applies: (true, true)),
        Case(
            testDescription: "the same in two mails",
            script: "{ mail; edit; printf -- '-- \\n2.39\\n\\n'; mail; move a c; } > s/1", applies: (true, true)),
        Case(testDescription: "two renames in a row", script: "{ move a c; move c d; } > s/1", applies: (false, false)),
        Case(
            testDescription: "two names change places", script: "echo 4 > tree/b; { move a b; move b a; } > s/1",
            applies: (true, true)),
        Case(testDescription: "a new file is renamed", script: "{ new n; move n m; } > s/1", applies: (true, false)),
        Case(testDescription: "a link is renamed", script: "ln -s base tree/l; move l m > s/1", applies: (false, true)),
        Case(
            testDescription: "names with blanks",
            script:
                #"mkdir 'tree/x y'; echo a > 'tree/x y/f'; printf 'diff --git a/x y/f b/g\nsimilarity index 100%%\nrename from x y/f\nrename to g\n' > s/1"#,
            applies: (false, true)),
        Case(
            testDescription: "a mode of a name with blanks",
            script:
                #"mkdir 'tree/x y'; echo a > 'tree/x y/f'; printf 'diff --git a/x y/f b/x y/f\nold mode 100644\nnew mode 100755\n' > s/1"#,
            applies: (false, true)),
        Case(
            testDescription: "a rename with more to strip",
            script:
                #"mkdir tree/d; echo outer > tree/x.c; echo inner > tree/d/x.c; printf 'diff --git a/k/d/x.c b/k/e/y.c\nsimilarity index 100%%\nrename from d/x.c\nrename to e/y.c\n' > s/1"#,
            applies: (true, true), strip: 2),
    ]

    @Test(arguments: cases)
    func agrees(_ one: Case) throws {
        let folder = try CommandFolder(
            madeBy: Self.helpers + "\n" + one.script
                + "\nfor p in s/*; do echo \"${p#s/} -p\(one.strip)\"; done > list; mv list s/series")
        for (like, consumer, applies) in [
            ("quilt", "patch -s -f --no-backup-if-mismatch -p\(one.strip) -i", one.applies.patch),
            ("git", "git apply -p\(one.strip)", one.applies.git),
        ] {
            let script = """
                rm -rf theirs ours; cp -a tree theirs; cp -a tree ours; cd theirs; export GIT_CEILING_DIRECTORIES=$PWD/..
                while read -r name rest; do \(consumer) ../s/$name >../said 2>&1 || exit 1; done < ../s/series
                """
            try #require((shell(script, in: folder.path) == 0) == applies, "\(like): not the case it is meant to be")
            let run = try folder.dom0kit("apply", "--tree", "ours", "--series", "s", "--like", like)
            #expect(run.status == (applies ? 0 : 10), "\(like): \(run)")
            for jobs in ["1", "2"] {
                let verified = try folder.dom0kit(
                    "verify", "--tree", "tree", "--series", "s", "--like", like, "-j", jobs, "--cache", "cache")
                #expect(verified.status == run.status, "\(like), \(jobs): \(verified)")
            }
            if applies {
                #expect(shell("diff -r --no-dereference theirs ours", in: folder.path) == 0, "\(like): another tree")
            }
        }
    }
}
