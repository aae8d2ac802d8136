import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What is not read, and what is left out, is told, and is no pass.
@Suite struct UndecidedTests {
    let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
        try folder.write("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\n")
        try folder.write("tree/x", "a\n")
        try folder.write("p/one.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        try folder.write("p/two.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n")
        try folder.write("p/series.conf", "+xen one.patch\n+zen two.patch\n")
    }

    private static let spec = """
        Name: kernel
        Version: 6.1
        %bcond_with xen
        %bcond_without base
        Patch1: one.patch
        Patch2: two.patch
        %prep
        %setup -q
        %if %with base
        %patch -P 1 -p1
        %endif
        %if %{with xen} && 0%{?level} > 1
        %patch -P 2 -p1
        %endif

        """

    private func left(_ json: [String: Any]) throws -> [String: Any] { try #require(json["leftOut"] as? [String: Any]) }

    @Test func whatIsLeftOutIsTold() throws {
        let json = try folder.json([
            "verify", "--tree", "tree", "--series", "p", "--guards", "xen", "--format", "json",
        ])
        let leftOut = try left(json)
        #expect(json["verdict"] as? String == "pass" && leftOut["count"] as? Int == 1)
        let entries = leftOut["entries"] as? [[String: String]]
        #expect(entries == [["name": "two.patch", "kind": "guards", "reason": "by +zen"]])
        let text = try folder.dom0kit("verify", "--tree", "tree", "--series", "p", "--guards", "xen")
        #expect(text.status == 0 && text.output.contains("left out: 1 entry (guards: 1)\n"), "\(text)")
        #expect(text.output.split(separator: "\n").last?.contains("; left out: 1 entry (guards: 1)") == true)
        let applied = try folder.json([
            "apply", "--tree", "tree", "--series", "p", "--guards", "xen", "--dry-run", "--format", "json",
        ])
        #expect(try left(applied)["count"] as? Int == 1)
    }

    /// A series that selects no patch is no pass.
    @Test(arguments: [["verify"], ["apply"], ["apply", "--dry-run"]]) func nothingIsSelected(command: [String]) throws {
        let arguments = command + ["--tree", "tree", "--series", "p"]
        let text = try folder.dom0kit(arguments)
        #expect(text.status == 12, "\(text)")
        #expect(text.output.contains("empty: the series selects no patch\nleft out: 2 entries (guards: 2)\n"))
        #expect(text.output.split(separator: "\n").last?.hasPrefix("unknown: ") == true)
        let allowed = try folder.dom0kit(arguments + ["--allow-empty"])
        #expect(allowed.status == 0, "\(allowed)")
        try folder.write("p/series.conf", "# nothing\n")
        #expect(try folder.dom0kit(arguments).status == 12)
        let lint = try folder.dom0kit("series", "lint", "p")
        #expect(lint.status == 0 && lint.output.contains("it selects no patch [empty-series]"), "\(lint)")
        #expect(try folder.dom0kit("refresh", "--tree", "tree", "--series", "p").status == 12)
    }

    /// A gap in a spec ends every command that would give a verdict, with its line.
    @Test(arguments: [
        ["verify", "--tree", "tree", "--series", "k/kernel.spec"],
        ["apply", "--tree", "tree", "--series", "k/kernel.spec"],
        ["refresh", "--tree", "tree", "--series", "k/kernel.spec"],
        ["series", "convert", "k/kernel.spec", "--to", "quilt", "--into", "out"], ["series", "list", "k/kernel.spec"],
        ["series", "lint", "k/kernel.spec"], ["series", "twins", "k/kernel.spec"],
        ["source", "import", "k/kernel.spec", "--patched", "--into", "out"],
    ]) func aGapIsNoVerdict(command: [String]) throws {
        try folder.write("k/kernel.spec", Self.spec + "./unknown-program x\n./another y\n")
        try folder.write("k/one.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        try folder.write("k/two.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n")
        let run = try folder.dom0kit(command)
        // Programs are told the same: the verdict, and every line.
        let json = try folder.json(command + ["--format", "json"])
        #expect(json["verdict"] as? String == "unknown")
        if command[1] != "lint", command[1] != "twins" {
            let gaps = try #require(json["gaps"] as? [[String: Any]])
            #expect(gaps.map { $0["line"] as? Int } == [15, 16])
            #expect((gaps[0]["file"] as? String)?.hasSuffix("k/kernel.spec") == true)
        }
        #expect(run.status == 12, "\(run)")
        #expect((run.output + run.errors).contains("kernel.spec:15: "), "\(run)")
        #expect((run.output + run.errors).contains("./unknown-program x"), "\(run)")
        #expect(!Files.exists(folder.path.appending("out")))
        #expect(try Files.read(folder.path.pushing("tree/x")) == Array("a\n".utf8))
    }

    /// What is left out is named in full where that is asked for.
    @Test(arguments: [["verify"], ["apply", "--dry-run"]]) func everythingLeftOut(command: [String]) throws {
        let names = (1...7).map { "left-\($0).patch" }
        try folder.write("p/series.conf", names.map { "+zen \($0)\n" }.joined() + "one.patch\n")
        for name in names { try folder.write("p/\(name)", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n") }
        let arguments = command + ["--tree", "tree", "--series", "p"]
        func shown(_ more: String...) throws -> [String] {
            let run = try folder.dom0kit(arguments + more)
            #expect(run.status == 0, "\(run)")
            return names.filter { run.output.contains($0) }
        }
        #expect(try shown() == Array(names.prefix(5)))
        #expect(try shown("--all") == names)
        #expect(try shown("-v") == names)
    }

    /// An empty selection is a result as well.
    @Test func emptySeriesInARefresh() throws {
        let json = try folder.json(["refresh", "--tree", "tree", "--series", "p", "--format", "json"])
        #expect(json["verdict"] as? String == "unknown" && (json["gaps"] as? [Any])?.isEmpty == true)
        #expect((json["reason"] as? String)?.contains("selects no patch") == true)
    }

    @Test func gapsAreInTheList() throws {
        try folder.write("k/kernel.spec", Self.spec + "./unknown-program x\n")
        let run = try folder.dom0kit("series", "list", "k/kernel.spec", "--format", "json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(run.status == 12 && json["verdict"] as? String == "unknown")
        let gaps = try #require(json["gaps"] as? [[String: Any]])
        #expect(gaps.map { $0["line"] as? Int } == [15])
        #expect((gaps[0]["file"] as? String)?.hasSuffix("k/kernel.spec") == true)
        #expect((json["patches"] as? [[String: Any]])?.map { $0["name"] as? String } == ["one.patch"])
    }

    /// `--define`, `--with` and `--without` are rpmbuild's.
    @Test(
        arguments: [
            ([], ["one.patch"]), (["--with", "xen"], ["one.patch"]),
            (["--with", "xen", "--define", "level=2"], ["one.patch", "two.patch"]),
            (["--with", "xen", "--define", "level 2"], ["one.patch", "two.patch"]), (["--without", "base"], []),
            (["--with", "xen", "--define", "level=2", "--without", "base"], ["two.patch"]),
        ] as [([String], [String])]) func macros(options: [String], patches: [String]) throws
    {
        try folder.write("k/kernel.spec", Self.spec)
        let list = try folder.dom0kit(["series", "list", "k/kernel.spec", "--format", "json"] + options)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [String: Any])
        #expect((json["patches"] as? [[String: Any]])?.map { $0["name"] as? String } == patches)
        // rpmspec shows the same patches in what it makes of %prep.
        if hasTool("rpmspec") {
            let text = Self.spec.replacing("%prep", with: "Release: 1\nSummary: x\nLicense: x\n%description\nx\n%prep")
                .replacing("%setup -q\n", with: "").replacing("%patch -P", with: "apply")
            try folder.write("k/rpm.spec", text)
            let quoted = options.map { "'\($0.replacing("level=", with: "level "))'" }.joined(separator: " ")
            #expect(shell("rpmspec -P \(quoted) k/rpm.spec > shown", in: folder.path) == 0)
            let shown = String(decoding: try Files.read(folder.path.appending("shown")), as: UTF8.self)
            #expect(
                ["one.patch", "two.patch"].enumerated().filter { shown.contains("apply \($0.offset + 1) ") }.map(
                    \.element) == patches)
        }
    }

    /// A template is read as the spec it becomes, and goes before a list that is not used any more.
    @Test func templates() throws {
        let text = Self.spec.replacing("6.1", with: "@VERSION@").replacing(
            "Patch2: two.patch", with: "Patch2: @SECOND@.patch")
        try folder.write("q/kernel.spec.in", text)
        try folder.write("q/version", "6.1\n")
        try folder.write("q/series.conf", "stale.patch\n")
        try folder.write("q/one.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        let run = try folder.dom0kit("series", "list", "q")
        #expect(run.status == 12 && run.output.contains("kernel.spec.in:6: unknown: the mark @SECOND@"), "\(run)")
        #expect(run.output.contains("one.patch") && !run.output.contains("stale"))
        #expect(try folder.dom0kit("series", "list", "q", "--define", "SECOND=two").status == 0)
        let verified = try folder.dom0kit("verify", "--tree", "tree", "--series", "q", "--define", "SECOND=two")
        #expect(verified.status == 0 && verified.output.contains("1 patch"), "\(verified)")
    }
}
