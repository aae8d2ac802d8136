import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Twins follow their native files, in a patch of their own.
@Suite(.enabled(if: hasTools("diff", "patch"), "needs diff and patch"))
struct RebaseTwinsTests {
    private let folder: CommandFolder

    /// A tree of native files, a series that brings twins, and a tree in which upstream has changed the native files.
    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir -p old/k old/odd s/xen
                for f in irq time setup; do
                    for n in 1 2 3 4 5 6; do printf 'int %s%s(void)\n{\n    begin(%s);\n    work(%s);\n    end(%s);\n}\n\n' $f $n $n $n $n; done > old/k/$f.c
                done
                cp old/k/setup.c old/odd/init.c; printf 'VERSION = 2\n' > old/Makefile
                cp -r old w
                for f in irq time setup; do sed 's/begin(2)/xen_begin(2)/' old/k/$f.c > w/k/$f-xen.c; done
                sed 's/begin(3)/xen_begin(3)/' old/odd/init.c > w/odd/xeninit.c
                { printf 'Subject: twins\n\n'; (diff -Nrpu old w || true) | sed 's,^--- old/,--- a/,;s,^+++ w/,+++ b/,;/^diff /d'; } > s/xen/twins-of-old.patch
                printf '+xen xen/twins-of-old.patch\n' > s/series.conf
                cp -r old new
                sed -i 's/work(4)/work(4, 0)/' new/k/irq.c             # exact
                sed -i 's/work(2)/work(2, 0)/' new/k/irq.c             # beside what the twin has changed
                sed -i 's/begin(2)/begin(2, 0)/;s/work(5)/work5()/' new/k/time.c   # the very line, and another one
                sed -i 's/work(6)/work(6, 0)/' new/odd/init.c          # its twin has a name of its own
                rm -r w
                """#)
    }

    private func text(_ name: String) throws -> String { try folder.text(name) }

    private let arguments = [
        "rebase", "--from", "old", "--to", "new", "--series", "s", "--guards", "xen", "--twins", "--into", "out",
    ]

    private func rules(_ json: [String: Any], _ twin: String) -> [String] {
        let files = (json["twins"] as? [String: Any])?["files"] as? [[String: Any]] ?? []
        let hunks = files.first { $0["twin"] as? String == twin }?["hunks"] as? [[String: Any]] ?? []
        return hunks.map { $0["rule"] as? String ?? "conflict" }
    }

    @Test("each change by its rule, one patch at the end of the series, and a map for other names")
    func carried() throws {
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(rules(json, "k/irq-xen.c") == ["adjacent", "lines"])
        #expect(rules(json, "k/time-xen.c") == ["words", "lines"])
        #expect(rules(json, "odd/xeninit.c") == [] && rules(json, "k/setup-xen.c") == [])
        #expect(json["verdict"] as? String == "warn")
        #expect(try text("out/series.conf") == "\t+xen xen/twins-of-old.patch\n\t+xen xen/twins.patch\n")
        let patch = try text("out/xen/twins.patch")
        #expect(patch.contains("k/irq-xen.c: 2 changes, 1 exact, 1 derived\n"), "\(patch)")
        let applied = """
            for p in twins-of-old twins; do patch -d new -p1 --fuzz=0 < out/xen/$p.patch > log || exit 1; ! grep offset log || exit 1; done
            grep -qx '    work(4, 0);' new/k/irq-xen.c && grep -qx '    xen_begin(2);' new/k/irq-xen.c && grep -qx '    work(2, 0);' new/k/irq-xen.c
            grep -qx '    xen_begin(2, 0);' new/k/time-xen.c && grep -qx '    work5();' new/k/time-xen.c && cmp old/k/setup.c new/k/setup.c
            """
        #expect(shell(applied, in: folder.path) == 0)
        // With a map the other one follows too.
        #expect(shell("rm -r out new", in: folder.path) == 0)
        try folder.makeAgain()
        try folder.write("map", "# ours\nodd/xeninit.c\todd/init.c # renamed\n")
        let mapped = try folder.json(arguments + ["--map", "map", "--format", "json"])
        #expect(rules(mapped, "odd/xeninit.c") == ["lines"])
        for (line, said) in [("one", "it takes the names"), ("../a b", "is not the name of a file")] {
            try folder.write("map", line + "\n")
            let run = try folder.dom0kit(arguments + ["--map", "map"])
            #expect(run.status == 65 && run.errors.contains("map:1") && run.errors.contains(said), "\(run)")
        }
    }

    @Test("a dry run tells the same of twins, and writes nothing")
    func dryRun() throws {
        let before = try Files.list(folder.path).sorted() + ["stderr"]
        let json = try folder.json(arguments.dropLast(2) + ["--dry-run", "--format", "json"])
        #expect(
            rules(json, "k/irq-xen.c") == ["adjacent", "lines"] && rules(json, "k/time-xen.c") == ["words", "lines"])
        #expect((json["twins"] as? [String: Any])?["patch"] as? String == "xen/twins.patch")
        #expect(json["list"] == nil && json["verdict"] as? String == "warn")
        #expect(try Files.list(folder.path).sorted() == before)
    }

    @Test("what upstream replaced everywhere is replaced in lines that only the twin has, which is not certain")
    func learned() throws {
        let made = #"""
            sed -i 's/begin(/x = begin(/' old/k/irq.c; cp -r old w; rm -r new s/xen/*
            sed 's/^    work(2);/&\n    y = begin(9);/' old/k/irq.c > w/k/irq-xen.c
            diff -Nrpu old w | sed 's,^--- old/,--- a/,;s,^+++ w/,+++ b/,;/^diff /d' > s/xen/twins-of-old.patch
            rm -r w; cp -r old new; sed -i 's/begin(/start(/' new/k/irq.c
            """#
        #expect(shell(made, in: folder.path) == 0)
        let json = try folder.json(arguments + ["--format", "json"])
        let twin = ((json["twins"] as? [String: Any])?["files"] as? [[String: Any]])?.first
        let learned = (twin?["learned"] as? [[String: Any]])?.map { "\($0["old"] ?? "") > \($0["new"] ?? "")" }
        #expect(learned == ["begin > start"] && json["verdict"] as? String == "warn", "\(json)")
        #expect(try text("out/xen/twins.patch").contains("-    y = begin(9);\n+    y = start(9);\n"))
        // Where upstream has left one, it is another function, and the twin keeps its own.
        #expect(shell("rm -r out; printf 'int z = begin(0);\n' >> new/k/irq.c", in: folder.path) == 0)
        _ = try folder.json(arguments + ["--format", "json"])
        #expect(try !text("out/xen/twins.patch").contains("+    y = start(9);\n"))
    }

    @Test("a twin's conflict is solved like any other; what could be carried over is there before")
    func conflict() throws {
        #expect(
            shell(
                "sed -i 's/begin(2, 0)/start(2)/' new/k/time.c; sed -i 's/xen_begin(2)/xen_begin2(2)/' s/xen/*",
                in: folder.path) == 0)
        #expect(
            shell(
                "sed -i 's/    begin(2);/    other(2);/;s/^+    xen_begin2(2);/+    xen_begin(2);/' new/k/time.c",
                in: folder.path) == 0)
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(rules(json, "k/time-xen.c").contains("conflict") && json["verdict"] as? String == "fail", "\(json)")
        #expect(try text("out/series.conf").contains("xen/twins.patch"))
        #expect(try text("out/xen/twins.patch").contains("+    work5();\n"))
        let file = "out/conflicts/xen/twins.patch/files/k/time-xen.c"
        let marked = try text(file)
        #expect(marked.contains("<<<<<<< the twin\n") && marked.contains(">>>>>>> the new native file\n"))
        #expect(shell("sed -i '/^<<<<<<</,/^>>>>>>>/c\\    xen_start(2);' \(file)", in: folder.path) == 0)
        let run = try folder.dom0kit("rebase", "--continue", "--into", "out", "--accept", "derived")
        #expect(run.status == 0, "\(run)")
        #expect(try text("out/xen/twins.patch").contains("+    xen_start(2);\n"))
        #expect(
            try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--guards", "xen", "--strict").status == 0)
    }

    @Test("a native file that is gone is a conflict of its twin, which can be left as it is")
    func gone() throws {
        #expect(shell("rm new/k/setup.c", in: folder.path) == 0)
        let run = try folder.dom0kit(arguments)
        #expect(
            run.status == 10 && run.output.contains("k/setup-xen.c: conflict, upstream has removed or split k/setup.c"),
            "\(run)")
        #expect(try folder.dom0kit("rebase", "--skip", "--into", "out", "--accept", "derived").status == 0)
        #expect(try text("out/series.conf").contains("xen/twins.patch"))
    }
}
