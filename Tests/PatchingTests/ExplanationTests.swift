import Foundation
import Patching
import Testing

/// Why something does not apply, on sources like a kernel's.
struct ExplanationTests {
    private static let driver = """
        #include <linux/module.h>

        static int probe_one(struct device *dev)
        {
        \tint error;

        \terror = setup_rings(dev);
        \tif (error)
        \t\tgoto out;
        \terror = register_netdev(dev);
        out:
        \treturn error;
        }

        static int probe_two(struct device *dev)
        {
        \tint error;

        \terror = setup_queues(dev);
        \tif (error)
        \t\tgoto out;
        \terror = register_netdev(dev);
        out:
        \treturn error;
        }

        """

    private static let edit = """
        @@ -6,7 +6,8 @@ static int probe_one(struct device *dev)
         
         \terror = setup_rings(dev);
         \tif (error)
        -\t\tgoto out;
        +\t\tgoto fail;
        +\ttrace(dev);
         \terror = register_netdev(dev);
         out:
         \treturn error;

        """

    private static func header(_ file: String) -> String { "--- a/\(file)\n+++ b/\(file)\n" }

    private func failure(
        _ patches: [(String, String)], _ files: [String: String], _ policy: PlacementPolicy = .standard
    ) throws -> ApplyFailure {
        let applied = try SeriesApplication.run(
            patches: patches.map { PatchInput(name: $0.0, bytes: Array($0.1.utf8)) },
            on: memoryTree(files.mapValues { Array($0.utf8) }), policy: policy)
        #expect(applied.changes.isEmpty)
        return try #require(applied.report.failure)
    }

    @Test func theClosestPlaceWithASmallDiff() throws {
        let now = Self.driver.replacing("setup_rings(dev)", with: "setup_rings(dev, 4)")
        let failed = try failure([("p", Self.header("drivers/net/x.c") + Self.edit)], ["drivers/net/x.c": now])
        let closest = try #require(failed.explanation.closest)
        #expect(failed.reason == .noPlace && closest.line == 6 && closest.matching == 6 && closest.expected == 7)
        #expect(
            closest.diff.filter { $0.kind != .same }.map(\.text)
                == ["\terror = setup_rings(dev);", "\terror = setup_rings(dev, 4);"])
        // Fuzz 2 would do, but ignores everything before the first change but a blank line.
        #expect(failed.explanation.fuzzThatFits?.fuzz == 2 && failed.explanation.fuzzThatFits?.line == 6)
    }

    @Test func theTextIsInAFileTheSeriesDoesNotName() throws {
        let failed = try failure(
            [("p", Self.header("drivers/net/x.c") + Self.edit)],
            [
                "drivers/net/x.c": "/* moved */\n", "drivers/net/vendor/x.c": "\n\n" + Self.driver,
                "drivers/net/y.c": "y\n",
            ])
        #expect(failed.explanation.movedTo?.path.string == "drivers/net/vendor/x.c")
        #expect(failed.explanation.movedTo?.line == 8)
        let gone = try failure(
            [("p", Self.header("drivers/net/x.c") + Self.edit)],
            ["drivers/net/core.c": Self.driver, "drivers/net/y.c": "y\n"])
        #expect(gone.reason == .fileMissing && gone.explanation.movedTo?.path.string == "drivers/net/core.c")
        #expect(gone.explanation.advice.contains("drivers/net/core.c"))
        let nowhere = try failure([("p", Self.header("drivers/net/x.c") + Self.edit)], ["drivers/net/y.c": "y\n"])
        #expect(nowhere.explanation.movedTo == nil)
    }

    @Test func theEarlierPatchAndItsHunkAreNamed() throws {
        let first =
            Self.header("x.c")
            + "@@ -1,3 +1,4 @@\n #include <linux/module.h>\n+#include <linux/pci.h>\n \n static int probe_one(struct device *dev)\n"
            + "@@ -7,3 +8,3 @@ static int probe_one(struct device *dev)\n-\terror = setup_rings(dev);\n+\terror = setup_all(dev);\n \tif (error)\n \t\tgoto out;\n"
        let failed = try failure(
            [("a.patch", first), ("b.patch", Self.header("x.c") + Self.edit)], ["x.c": Self.driver])
        #expect(failed.patch == "b.patch")
        let change = try #require(failed.explanation.changedBy.first)
        #expect(change.patch == "a.patch" && change.hunk == 2 && change.patchLine == 8 && change.removed)
        #expect(failed.explanation.advice.hasPrefix("a.patch changes the same lines"))
    }

    @Test func whatAnEarlierPatchMadeOrTook() throws {
        let create = "--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+new\n"
        let twice = try failure([("a", create), ("b", create.replacing("+new", with: "+other"))], ["x": "x\n"])
        #expect(twice.reason == .fileExists && twice.explanation.madeBy?.patch == "a")
        #expect(twice.explanation.madeBy?.patchLine == 1 && twice.explanation.advice.hasPrefix("a makes the file"))
        let delete = "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        let gone = try failure([("a", delete), ("b", delete)], ["x": "x\n"])
        #expect(gone.reason == .nothingToDelete && gone.explanation.goneWith?.patch == "a")
        let move = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
        let moved = try failure([("a", move), ("b", move)], ["x": "x\n"])
        #expect(moved.reason.code == "source-missing" && moved.explanation.goneWith?.to?.string == "y")
    }

    @Test func whatIsInTheTreeAlready() throws {
        let there = Self.driver.replacing(
            "setup_rings(dev);\n\tif (error)\n\t\tgoto out;\n",
            with: "setup_rings(dev);\n\tif (error)\n\t\tgoto fail;\n\ttrace(dev);\n")
        let failed = try failure([("p", Self.header("x.c") + Self.edit)], ["x.c": there])
        #expect(failed.explanation.appliedAt == 6 && failed.explanation.advice.contains("already has this change"))
    }

    @Test func aDoubledOrMisplacedHunkIsSaidToBeOne() throws {
        let failed = try failure([("p", Self.header("x.c") + Self.edit + Self.edit)], ["x.c": Self.driver])
        #expect(failed.hunk == 2 && failed.reason == .misordered)
        #expect(failed.explanation.belongsBefore?.line == 6)
        #expect(failed.explanation.advice.contains("out of order"))
    }

    /// An offset or fuzz that leads into another function is seen, and one that only passes a label is not.
    @Test func theEnclosingFunction() throws {
        let two =
            "@@ -18,6 +18,7 @@ static int probe_two(struct device *dev)\n \tif (error)\n \t\tgoto out;\n \terror = register_netdev(dev);\n+\tcount++;\n out:\n \treturn error;\n }\n"
        let lost = Self.driver.replacing(
            "int probe_two(struct device *dev)\n{\n\tint error;\n\n\terror = setup_queues(dev);\n\tif (error)\n\t\tgoto out;\n\terror = register_netdev(dev);\nout:\n\treturn error;\n",
            with: "int probe_two(struct device *dev)\n{\n\treturn 0;\n")
        func hunk(_ tree: String, _ policy: PlacementPolicy) throws -> HunkReport {
            let applied = try SeriesApplication.run(
                patches: [PatchInput(name: "p", bytes: Array((Self.header("x.c") + two).utf8))],
                on: memoryTree(["x.c": Array(tree.utf8)]), policy: policy)
            return try #require(applied.report.patches.first?.files.first?.hunks.first)
        }
        for policy in [PlacementPolicy.standard, .git] {
            let wrong = try hunk(lost, policy)
            #expect(wrong.verdict == .offset && wrong.landedIn == "static int probe_one(struct device *dev)")
            let right = try hunk("\n\n\n" + Self.driver, policy)
            #expect(right.line == 23 && right.landedIn == nil)
        }
    }

    @Test func theEnclosingKconfigBlock() throws {
        let block = "\tbool \"Support\"\n\tdepends on PCI\n\thelp\n\t  Say Y.\n\n"
        let patch =
            Self.header("Kconfig")
            + "@@ -20,4 +20,5 @@ config XEN_DOM0\n \tbool \"Support\"\n \tdepends on PCI\n+\tselect XEN_ACPI\n \thelp\n \t  Say Y.\n"
        let applied = try SeriesApplication.run(
            patches: [PatchInput(name: "p", bytes: Array(patch.utf8))],
            on: memoryTree(["Kconfig": Array(("config NET\n" + block + "config XEN_DOM0\n\tbool\n").utf8)]))
        let hunk = try #require(applied.report.patches[0].files[0].hunks.first)
        #expect(hunk.line == 2 && hunk.landedIn == "config NET")
    }

    @Test func whatWasNotLookedIntoIsSaid() throws {
        var files: [String: String] = [:]
        var patch = ""
        for index in 0..<402 {
            files["f\(index)"] = Self.driver.replacing("setup_rings", with: "other")
            patch += Self.header("f\(index)") + Self.edit
        }
        let applied = try SeriesApplication.run(
            patches: [PatchInput(name: "p", bytes: Array(patch.utf8))],
            on: memoryTree(files.mapValues { Array($0.utf8) }))
        #expect(applied.report.failures.count == 402)
        #expect(applied.report.failures[399].explanation.closest != nil)
        #expect(applied.report.failures[401].explanation.advice.hasPrefix("not looked into"))
    }

    @Test("the closest place is the one whose lines align best, though lines were put in between")
    func alignment() throws {
        let tree = """
            static int first(void)
            {
            \tprepare_all();
            \top.index = table->index;

            \tif (send_to_user(u, &op)) {
            \t\tlist_remove(table);
            \t\tunlock(&lock);
            \t\trelease(table);
            \t\treturn -EFAULT;
            \t}

            \tunlock(&lock);
            \treturn 0;
            }

            static int second(void)
            {
            \tone();

            \ttwo();

            \tthree();

            \treturn 0;
            }

            """
        let hunk =
            "@@ -4,8 +4,8 @@\n \top.index = table->index;\n \tunlock(&lock);\n \n-\tif (send_to_user(u, &op))\n+\tif (send_to_user(u, &op) != 0)\n \t\treturn -EFAULT;\n \n \treturn 0;\n }\n"
        let failed = try failure([("p", Self.header("a.c") + hunk)], ["a.c": tree])
        let closest = try #require(failed.explanation.closest)
        #expect(closest.line == 4 && closest.matching >= 5, "\(closest)")
    }

    @Test("other line ends are the reason, in either direction")
    func lineEndings() throws {
        let returns = Self.driver.replacing("\n", with: "\r\n")
        let one = try failure([("p", Self.header("x.c") + Self.edit)], ["x.c": returns])
        #expect(one.reason == .lineEndings && one.message.contains("other line ends"))
        let marked = Self.header("x.c") + Self.edit.replacing("\n", with: "\r\n").replacing("@@\r", with: "@@")
        let other = try failure([("p", marked)], ["x.c": Self.driver])
        #expect(other.reason == .lineEndings, "\(other.message)")
    }

    @Test("a hunk that git ties to the start or end of the file is said to be tied")
    func tied() throws {
        let hunk = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
        let failed = try failure([("p", Self.header("x") + hunk)], ["x": "new\na\nb\nc\nd\n"], .git)
        #expect(failed.reason == .tiedToEdge && failed.message.contains("not at its start or end"))
    }

    @Test("fuzz that ignores all context on a side is never advised")
    func fuzzWithoutContext() throws {
        let tree =
            "\nstatic void drop(struct item *it)\n{\n\tif (it->file)\n\t\tput(it->file);\n\tit->file = NULL;\n}\n"
        let hunk =
            "@@ -2,6 +2,8 @@\n static void drop(struct item *it)\n {\n \tif (it->file)\n+\tif (it->dev)\n+\t\ttell(it);\n \t\tgone(it->file);\n \tit->file = NULL;\n }\n"
        let failed = try failure([("p", Self.header("a.c") + hunk)], ["a.c": tree])
        #expect(failed.explanation.fuzzThatFits == nil)
        #expect(!failed.explanation.advice.contains("fuzz"), "\(failed.explanation.advice)")
    }

    @Test("a hunk that lands in another function is a warning, with a code")
    func otherFunction() throws {
        let hunk =
            "@@ -18,6 +18,7 @@ static int probe_two(struct device *dev)\n \tif (error)\n \t\tgoto out;\n \terror = register_netdev(dev);\n+\tcount++;\n out:\n \treturn error;\n }\n"
        let tree = Self.driver.replacing(
            "goto out;\n\terror = register_netdev(dev);\nout:\n\treturn error;\n}\n\nstatic int probe_two",
            with: "goto out;\n\terror = register_netdev(dev);\nout:\n\treturn error;\n}\n\nstatic int probe_2")
        let report = try SeriesApplication.run(
            patches: [PatchInput(name: "p", bytes: Array((Self.header("x.c") + hunk).utf8))],
            on: memoryTree(["x.c": Array((tree.components(separatedBy: "static int probe_2").first ?? "").utf8)]),
            policy: .standard
        ).report
        #expect(report.failures.isEmpty && report.verdict == .warn && !report.isStrictlyClean)
        #expect(report.patches.first?.files.first?.hunks.first?.warnings == [.otherFunction])
    }
}
