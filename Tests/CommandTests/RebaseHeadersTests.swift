import SystemPackage
import TestSupport
import Testing

/// A patch that goes together with upstream's change and uses what no header has any more: the compiler is asked as well.
@Suite(.enabled(if: hasTools("diff", "patch", "gcc", "git", "tar"), "needs diff, patch, gcc, git and tar"))
struct RebaseHeadersTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir -p old/d old/include/linux s
                printf 'VERSION = 6\n' > old/Makefile
                {
                    echo '#ifndef BASE_H'; echo '#define BASE_H'; echo '#include <linux/deep.h>'
                    echo 'void gone_call(int), kept_call(int), moved_call(int);'; echo 'void gonecall(int);'; echo '#define INIT_GONE_(x) int x __attribute__((unused))'; echo '/* __builtin_popcount __LINE__ */'; seq -f '/* %g */' 6; echo '#define GONE_FLAG 1'
                    echo 'struct thing { int gone_member; int kept_member; };'; echo 'typedef int gone_t;'; echo '#endif'
                } > old/include/linux/base.h
                echo '/* nothing yet */' > old/include/linux/deep.h; echo 'void by_removed(int);' > old/include/linux/removed.h
                {
                    echo '#include <linux/base.h>'; seq -f 'int v%g;' 8; printf 'int f(struct thing *t)\n{\n'
                    for n in 1 2 3 4 5 6 7 8; do printf '\tkept_call(%s);\n' $n; done; printf '\treturn t->kept_member;\n}\n'
                } > old/d/a.c
                cp -r old new
                sed -i 's/gone_call(int), //;s/, moved_call(int)//;/GONE_FLAG/d;/gonecall/d;/INIT_GONE_/d;/__builtin/d;s/int gone_member; //;/gone_t/d' new/include/linux/base.h
                sed -i '2i void upstream_call(int); /* was gone_call() */' new/include/linux/base.h
                echo 'void moved_call(int);' > new/include/linux/deep.h; rm new/include/linux/removed.h; sed -i 's/int v3;/int v3, w3;/' new/d/a.c
                diffs() { diff -pruN $1 $2 | sed "/^diff/d;s#^--- $1/#--- a/#;s#^+++ $2/#+++ b/#"; }
                # $1: the patch, $2: what it adds to the function, $3: behind the first line, $4: to the header.
                make() {
                    cp -r old w
                    awk -v text="$2" -v top="${3-}" '{ print } /kept_call\(5\)/ { print text } NR == 1 && top != "" { print top }' old/d/a.c > w/d/a.c
                    if [ -n "${4-}" ]; then awk -v text="$4" '/#endif/ { print text } { print }' old/include/linux/base.h > w/include/linux/base.h; fi
                    { printf 'Subject: %s\n\n' $1; diffs old w; } > s/$1.patch; rm -rf w
                }
                make call '\tgone_call(5);'; make flag '\tkept_call(GONE_FLAG);'; make member '\tt->gone_member = 1;'
                make type '\tgone_t x_ = 1; kept_call(x_);'; make include '\tby_removed(1);' '#include <linux/removed.h>'
                make kept '\tkept_call(55);'; make moved '\tmoved_call(5);'
                make words '\tputs_("gone_call(5)", 39); /* not gone_call(5) */' 'void puts_(const char *, int);'
                make own '\tkept_call(GONE_FLAG);' '#undef GONE_FLAG\n#define GONE_FLAG 7'
                make when '#ifdef GONE_FLAG\n\tkept_call(1);\n#endif'; make brought '\tkept_call(BROUGHT_FLAG);' '' '#define BROUGHT_FLAG 2'
                make comment '\tgone_call(5);' '/* gone_call */'; make macro '\tINIT_GONE_(x_);' 'static INIT_GONE_(y_);'
                make mine '\tstruct mine m_ = { 1 }; kept_call(m_.gone_member);' 'struct mine { int gone_member; };'
                make list '\tkept_call(GONE_FLAG);' '#undef GONE_FLAG\nenum list { GONE_FLAG, LAST_FLAG };'
                make plain '\tgonecall(5);'; make builtin '\tkept_call(__builtin_popcount(5) + __LINE__);'
                # Two files that both use it; the kit looks at each by itself.
                cp -r old w; printf '#include <linux/base.h>\nint h(void)\n{\n\tgone_call(7);\n\treturn 0;\n}\n' > w/d/b.c
                sed -i '/kept_call(5)/a\\tgone_call(5);' w/d/a.c; diffs old w > s/both.patch; rm -rf w
                cp -r old w; sed 's/v\(.\);/n\1;/;s/int f/int g/;s/kept_call(5)/gone_call(5)/' old/d/a.c > w/d/new.c; diffs old w > s/file.patch; rm -rf w
                """#)
    }

    private func moved(
        _ names: [String], from old: String = "old", to new: String = "new"
    ) throws -> [(name: String, verdict: String, file: [String: Any])] {
        try #require(shell("rm -rf out", in: folder.path) == 0)
        try folder.write("s/series", names.map { $0 + ".patch\n" }.joined())
        let json = try folder.json([
            "rebase", "--from", old, "--to", new, "--series", "s", "--into", "out", "--format", "json",
        ])
        return (json["patches"] as? [[String: Any]] ?? []).map {
            (
                $0["name"] as? String ?? "", $0["verdict"] as? String ?? "",
                ($0["files"] as? [[String: Any]])?.first ?? [:]
            )
        }
    }

    private func isDoubted(_ file: [String: Any]) -> Bool { (file["rules"] as? [String] ?? []).contains("gone-name") }

    @Test(
        "what no header has any more is doubted, and does not compile; the rest does",
        arguments: [
            "call": "`gone_call`", "flag": "`GONE_FLAG`", "member": "`gone_member`", "type": "`gone_t`",
            "include": "include/linux/removed.h, which the new tree does not have", "file": "`gone_call`", "kept": "",
            "moved": "", "words": "", "own": "", "when": "", "brought": "", "comment": "`gone_call`",
            "macro": "`INIT_GONE_`",
            "mine": "", "list": "", "plain": "`gonecall`", "builtin": "", "both": "`gone_call`",
        ])
    func compiled(name: String, reason: String) throws {
        let compile = "gcc -std=gnu99 -Wall -Werror -Iw/include -c -o w/a.o w/d/$f.c"
        let file = name == "file" ? "new" : "a"
        let before = shell(
            "rm -rf w && cp -r old w && patch -s -d w -p1 < s/\(name).patch && f=\(file) && \(compile)", in: folder.path
        )
        #expect(before == 0, "the patch is good for the old tree")
        let patch = try #require(try moved([name]).first)
        #expect(["fits", "moved", "merged"].contains(patch.verdict), "\(patch)")
        #expect(isDoubted(patch.file) == !reason.isEmpty, "\(patch.file)")
        let told = patch.file["reason"] as? String ?? ""
        #expect(reason.isEmpty ? told.isEmpty : told.contains(reason), "\(told)")
        let after = shell(
            "rm -rf w && cp -r new w && patch -s -d w -p1 -F0 < out/\(name).patch && f=\(file) && \(compile) 2> log",
            in: folder.path)
        let log = try folder.text("log")
        #expect((after == 0) == reason.isEmpty, "\(log)")
    }

    @Test("a doubt is a warning until somebody accepts it")
    func accepted() throws {
        try folder.write("s/series", "call.patch\n")
        let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--dry-run", "--strict"]
        #expect(try folder.dom0kit(arguments).status == 11)
        #expect(try folder.dom0kit(arguments + ["--accept", "derived"]).status == 0)
    }

    @Test("archives and revisions are asked as folders are")
    func trees() throws {
        let status = shell(
            """
            for t in old new; do tar -cf $t.tar --transform "s,^$t,linux-6.1," $t; git init -q $t.git; cp -r $t/. $t.git
            git -C $t.git add . ; git -C $t.git -c user.name=n -c user.email=e commit -q -m m; done
            """, in: folder.path)
        #expect(status == 0)
        for (from, to) in [("old", "new"), ("old.tar", "new.tar"), ("git:old.git@HEAD", "git:new.git@HEAD")] {
            for (name, expected) in [("call", true), ("include", true), ("moved", false), ("kept", false)] {
                let patch = try #require(try moved([name], from: from, to: to).first)
                #expect(isDoubted(patch.file) == expected, "\(from): \(patch)")
            }
        }
    }

    @Test("what a header in conflict would have is not known, and not doubted")
    func unsettled() throws {
        // The first patch changes a line of the header that upstream has changed otherwise; the second uses what it adds.
        let status = shell(
            #"""
            cp -r old w; sed -i 's/gone_call(int), kept_call(int)/gone_call(int), kept_call(int), mine_call(int)/' w/include/linux/base.h
            { diff -pruN old w || true; } | sed '/^diff/d;s#^--- old/#--- a/#;s#^+++ w/#+++ b/#' > s/one.patch
            cp -r w x; sed -i '/kept_call(5);/a\\tmine_call(5);' x/d/a.c
            { diff -pruN w x || true; } | sed '/^diff/d;s#^--- w/#--- a/#;s#^+++ x/#+++ b/#' > s/two.patch
            sed -i 's/void kept_call(int)/extern void kept_call(int )/' new/include/linux/base.h
            """#, in: folder.path)
        #expect(status == 0)
        let patches = try moved(["one", "two"])
        #expect(patches.map(\.verdict) == ["conflict", "fits"], "\(patches)")
        #expect(!isDoubted(patches[1].file), "\(patches[1].file)")
    }

    @Test(
        "where something is included that nobody can read, nothing is said",
        arguments: [
            // A folder of the build, a link, a name that no file can have.
            "sed -i '1i #include \"built.h\"' old/d/a.c new/d/a.c",
            "mv new/include/linux/deep.h new/d/deep; ln -s ../../d/deep new/include/linux/deep.h",
            #"printf '#include "%0300d.h"\n' 0 > h; cat h >> new/include/linux/deep.h; cat h >> old/include/linux/deep.h"#,
        ])
    func unknown(script: String) throws {
        let series = "at=$(grep -n 'kept_call(4)' old/d/a.c | cut -d: -f1)"
        let status = shell(
            #"""
            set -e; \#(script); \#(series)
            cp -r old w; sed -i "${at}a\\\\tgone_call(4);" w/d/a.c; { diff -pruN old w || true; } > d
            sed '/^diff/d;s#^--- old/#--- a/#;s#^+++ w/#+++ b/#' d > s/one.patch
            """#, in: folder.path)
        #expect(status == 0)
        let patch = try #require(try moved(["one"]).first)
        #expect(patch.verdict != "conflict" && !isDoubted(patch.file), "\(patch)")
    }

    @Test("an archive is not blamed for headers that were not looked at in it")
    func archive() throws {
        let status = shell(
            #"""
            set -e
            for t in old new; do mkdir $t/e; echo 'void beside(int);' > $t/e/beside.h; sed -i '1i #include "../e/beside.h"' $t/d/a.c; done
            cp -r old w; sed -i '/kept_call(5);/a\\tbeside(5);' w/d/a.c; { diff -pruN old w || true; } > d
            sed '/^diff/d;s#^--- old/#--- a/#;s#^+++ w/#+++ b/#' d > s/one.patch
            tar -cf new.tar --transform "s,^new,linux-6.1," new
            """#, in: folder.path)
        #expect(status == 0)
        for tree in ["new", "new.tar"] {
            let patch = try #require(try moved(["one"], to: tree).first)
            #expect(!isDoubted(patch.file), "\(patch)")
        }
    }
}
