import Bytes
import Foundation
import Host
import SystemPackage
import Testing

@Suite struct RunCommandTests {
    /// A run's JSON result.
    private struct Result: Decodable {
        struct Stage: Decodable {
            let name: String
            let verdict: String
            let cached: Bool
            let reason: String
        }
        struct Failure: Decodable {
            let stage: String
            let message: String
            let lines: [String]
        }
        let schema: String
        let verdict: String
        let stages: [Stage]
        let failure: Failure?
        let notChecked: [String]

        init(_ text: String) throws { self = try JSONDecoder().decode(Result.self, from: Data(text.utf8)) }
        func cached(_ name: String) -> Bool? { stages.first { $0.name == name }?.cached }
    }

    @Test func onlyWhatDependsOnAChangeRunsAgain() throws {
        let kernel = try MiniatureKernel()
        let first = try kernel.folder.dom0kit(kernel.arguments("apply", "--format", "json"))
        #expect(first.status == 0, "\(first.errors)")
        #expect(try kernel.work("tree/init/main.c").contains("line ten\n"))
        #expect(try kernel.work("source/init/main.c").contains("line 10\n"))

        let second = try Result(try kernel.folder.dom0kit(kernel.arguments("apply", "--format", "json")).output)
        #expect(second.schema == "dom0kit.run/1")
        #expect(second.cached("import") == true)
        #expect(second.cached("apply") == true)
        #expect(second.notChecked == ["configure", "build", "inspect", "boot"])

        try kernel.series(context: "line 9", replacement: "line X")
        let third = try Result(try kernel.folder.dom0kit(kernel.arguments("apply", "--format", "json")).output)
        #expect(third.cached("import") == true)
        #expect(third.cached("apply") == false)
        #expect(third.stages.last?.reason == "patch change.patch changed")
        #expect(try kernel.work("tree/init/main.c").contains("line X\n"))
    }

    @Test(arguments: ["6.1", "6.1.0", "6.2", "6.1.9"])
    func aSourceOfAnotherVersion(wanted: String) throws {
        let kernel = try MiniatureKernel()
        let profile = kernel.folder.path.pushing("kit/Profiles/miniature.yaml")
        let text = String(decoding: try Files.read(profile), as: UTF8.self)
        try Files.write(text.replacing("source: {", with: "source: { version: \"\(wanted)\","), to: profile)
        let run = try kernel.folder.dom0kit(kernel.arguments("import"))
        guard wanted != "6.1", wanted != "6.1.0" else {
            #expect(run.status == 0, "\(run.errors)")
            return
        }
        #expect(run.status == 65)
        #expect(
            run.errors.contains("is Linux 6.1.0, and the profile 'miniature' is for Linux \(wanted)"), "\(run.errors)")
    }

    @Test("a compat series is applied where it is asked for, after the host's, and reported apart")
    func compatSeries() throws {
        let kernel = try MiniatureKernel()
        let without = try kernel.folder.dom0kit(kernel.arguments("apply", "--compat"))
        #expect(without.status == 64)
        #expect(without.errors.contains("the profile 'miniature' has no compat series"), "\(without.errors)")
        for (name, old, new) in [("host", "line 15", "line H"), ("compat", "line H", "line C")] {
            try kernel.folder.write("kit/Patches/\(name)/series", "\(name).patch\n")
            try kernel.folder.write(
                "kit/Patches/\(name)/\(name).patch",
                "--- a/init/main.c\n+++ b/init/main.c\n@@ -14,3 +14,3 @@\n line 14\n-\(old)\n+\(new)\n line 16\n")
        }
        let profile = kernel.folder.path.pushing("kit/Profiles/miniature.yaml")
        let text = String(decoding: try Files.read(profile), as: UTF8.self)
        try Files.write(
            text.replacing(
                "configuration:",
                with: "host: [{ path: Patches/host }]\ncompat: { series: [{ path: Patches/compat }] }\nconfiguration:"),
            to: profile)
        #expect(try kernel.folder.dom0kit(kernel.arguments("apply")).status == 0)
        #expect(try kernel.work("tree/init/main.c").contains("line H\n"))
        let run = try kernel.folder.dom0kit(kernel.arguments("apply", "--compat", "--format", "json"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(try kernel.work("tree/init/main.c").contains("line C\n"))
        struct Applied: Decodable {
            struct Apply: Decodable {
                struct Patch: Decodable { let name: String }
                let host: [Patch]
                let compat: [Patch]?
            }
            let apply: Apply
        }
        let applied = try JSONDecoder().decode(Applied.self, from: Data(run.output.utf8)).apply
        #expect(applied.host.map(\.name) == ["host.patch"])
        #expect(applied.compat?.map(\.name) == ["compat.patch"])
    }

    @Test("two series with the same name and patches of the same name are told apart")
    func sameNames() throws {
        let kernel = try MiniatureKernel()
        for (folder, old, new) in [("a", "line 10", "line A"), ("b", "line A", "line B")] {
            try kernel.folder.write("\(folder)/patches/series", "0001.patch\n")
            try kernel.folder.write(
                "\(folder)/patches/0001.patch",
                "--- a/init/main.c\n+++ b/init/main.c\n@@ -9,3 +9,3 @@\n line 9\n-\(old)\n+\(new)\n line 11\n")
        }
        let arguments = kernel.arguments(
            "apply", "--format", "json", "--series", "a/patches", "--series", "b/patches")
        let first = try Result(try kernel.folder.dom0kit(arguments).output)
        #expect(first.cached("apply") == false && first.failure == nil)
        #expect(try kernel.work("tree/init/main.c").contains("line B\n"))
        #expect(try Result(try kernel.folder.dom0kit(arguments).output).cached("apply") == true)
        #expect(try kernel.work("series/1-patches/0001.patch").contains("line A"))
        #expect(try kernel.work("series/2-patches/0001.patch").contains("line B"))
        try kernel.folder.write(
            "a/patches/0001.patch",
            "--- a/init/main.c\n+++ b/init/main.c\n@@ -9,3 +9,4 @@\n line 9\n-line 10\n+line A\n+more\n line 11\n")
        let changed = try kernel.folder.dom0kit(arguments)
        // What the second needs has changed under it.
        #expect(changed.status == 10, "\(changed.output)")
    }

    @Test("a file that was changed with its size and time restored is noticed")
    func restoredTime() throws {
        let kernel = try MiniatureKernel()
        let arguments = kernel.arguments("apply", "--format", "json")
        _ = try kernel.folder.dom0kit(arguments)
        #expect(try Result(try kernel.folder.dom0kit(arguments).output).cached("import") == true)
        let file = kernel.folder.path.pushing("work/source/init/main.c").string
        let script = "touch -r '\(file)' stamp; sed -i 's/line 20/line XX/' '\(file)'; touch -r stamp '\(file)'"
        #expect(system("cd '\(kernel.folder.path)' && \(script)") == 0)
        let again = try Result(try kernel.folder.dom0kit(arguments).output)
        #expect(again.cached("import") == false)
        #expect(again.stages.first?.reason == "the unpacked source was touched")
    }

    @Test func aTouchedTreeIsNotTakenFromTheCache() throws {
        let kernel = try MiniatureKernel()
        _ = try kernel.folder.dom0kit(kernel.arguments("apply"))
        try kernel.folder.write("work/tree/init/main.c", "something else\n")
        let again = try Result(try kernel.folder.dom0kit(kernel.arguments("apply", "--format", "json")).output)
        #expect(again.cached("apply") == false)
        #expect(again.stages.last?.reason == "the patched tree was touched")
        #expect(try kernel.work("tree/init/main.c").contains("line ten\n"))
    }

    @Test func oneWrongContextLineEndsWithTenAndSaysWhich() throws {
        let kernel = try MiniatureKernel()
        try kernel.series(context: "line nine", replacement: "line ten")
        let run = try kernel.folder.dom0kit(kernel.arguments("evidence", "--format", "json"))
        #expect(run.status == 10)
        let result = try Result(run.output)
        #expect(result.verdict == "fail")
        #expect(result.failure?.stage == "apply")
        #expect(result.failure?.message.hasPrefix("change.patch:5: init/main.c: hunk 1 does not apply") == true)
        #expect(result.failure?.lines.contains { $0.contains("- line nine") } == true)
        #expect(result.notChecked == ["configure", "build", "inspect", "boot"])
        // The tree is the source's: nothing of the series was written.
        #expect(try kernel.work("tree/init/main.c") == kernel.work("source/init/main.c"))
        #expect(try kernel.work("evidence/evidence.json").contains("line nine"))
        #expect(try kernel.work("evidence/series/own/change.patch").contains("line nine"))
    }

    /// A run with a series that selects nothing, or that is not understood in full, ends undecided before anything is built.
    @Test(arguments: ["empty", "leftOut", "gap", "own"])
    func aSeriesThatCannotBeJudged(kind: String) throws {
        let kernel = try MiniatureKernel(tinyconfig: "touch ../configured")
        let folder = kernel.folder
        var arguments = kernel.arguments("evidence")
        switch kind {
        case "empty": try folder.write("given/series", "# nothing\n")
        case "leftOut":
            try folder.write("given/series.conf", "+xen change.patch\n")
            try folder.write("given/change.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        case "gap":
            try folder.write(
                "given/kernel.spec",
                "Name: kernel\nVersion: 6.1\nPatch1: change.patch\n%prep\n%setup -q\n%patch -P 1 -p1\n./more-patches\n")
            try folder.write("given/change.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        default: try folder.write("kit/Patches/own/series", "# the profile's own\n")
        }
        if kind != "own" { arguments += ["--series", "given"] }
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 12, "\(run)")
        #expect(run.output.split(separator: "\n").last?.hasPrefix("unknown: ") == true, "\(run)")
        let told = kind == "gap" ? "given/kernel.spec:7: " : "selects no patch"
        #expect((run.output + run.errors).contains(told), "\(run)")
        #expect(
            !Files.exists(folder.path.appending("configured")) && !Files.exists(folder.path.pushing("work/configured")))
        #expect(!Files.exists(folder.path.pushing("work/tree/init/main.c")), "no tree is left that was not patched")
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(json["verdict"] as? String == "unknown" && json["schema"] as? String == "dom0kit.run/1")
        // The same work folder serves the next run.
        try kernel.series(context: "line 9", replacement: "line ten")
        let next = try folder.dom0kit(kernel.arguments("apply"))
        #expect(next.status == 0, "\(next)")
    }

    @Test func wrongUsageAndMissingInput() throws {
        let kernel = try MiniatureKernel()
        let unknown = try kernel.folder.dom0kit("run", "minature", "--data", "kit")
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("did you mean 'miniature'?"))
        #expect(try kernel.folder.dom0kit("run", "miniature", "--data", "nowhere").status == 66)
        #expect(try kernel.folder.dom0kit("run", "miniature", "--data", "kit", "--bogus").status == 64)
        #expect(try kernel.folder.dom0kit("run", "miniature", "--data", "kit", "--stop-after", "lunch").status == 64)
        let noSource = try kernel.folder.dom0kit("run", "miniature", "--data", "kit", "--source", "missing")
        #expect(noSource.status == 66)
        #expect(noSource.errors.contains("missing"))
        let noDownload = try kernel.folder.dom0kit("run", "miniature", "--data", "kit")
        #expect(noDownload.status == 66)
        #expect(noDownload.errors.contains("--source PATH"))
        try kernel.folder.write("kit/Profiles/broken.yaml", "name: [\n")
        #expect(try kernel.folder.dom0kit("run", "broken", "--data", "kit").status == 65)
    }

    @Test func twoRunsInOneWorkFolder() throws {
        let kernel = try MiniatureKernel()
        let work = kernel.folder.path.appending("work")
        try Files.createDirectories(work)
        let lock = try WorkspaceLock(folder: work, holder: "somebody else, process 17")
        let run = try kernel.folder.dom0kit(kernel.arguments("apply"))
        lock.release()
        #expect(run.status == 73)
        #expect(run.errors.contains("somebody else, process 17"))
        #expect(try kernel.folder.dom0kit(kernel.arguments("apply")).status == 0)
    }

    @Test func aWorkFolderThatCannotBeMade() throws {
        let kernel = try MiniatureKernel()
        let run = try kernel.folder.dom0kit(
            "run", "miniature", "--data", "kit", "--source", "tree", "--work", "/proc/x")
        #expect(run.status == 73)
        #expect(run.errors.contains("/proc/x"))
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func interruptedInTheMiddleNothingIsLeftRunning(signal: Int32, status: Int32) throws {
        let mark = "32\(UInt32.random(in: 1_000_000...9_999_999))"
        let kernel = try MiniatureKernel(tinyconfig: "touch ../started; sleep \(mark)")
        let process = Process()
        // The tests themselves may be run by nohup(1), whose ignored signal is inherited.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["--default-signal=HUP", CommandFolder.program.path] + kernel.arguments("configure")
        process.currentDirectoryURL = URL(fileURLWithPath: kernel.folder.path.string)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let started = kernel.folder.path.pushing("work/started")
        let deadline = Date(timeIntervalSinceNow: 60)
        while !Files.exists(started) && Date() < deadline && process.isRunning { usleep(20_000) }
        try #require(Files.exists(started))
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationStatus == status)
        let left = Process()
        left.executableURL = URL(fileURLWithPath: "/usr/bin/pgrep")
        left.arguments = ["-f", "sleep \(mark)"]
        left.standardOutput = FileHandle.nullDevice
        try left.run()
        left.waitUntilExit()
        #expect(left.terminationStatus == 1, "a child of the interrupted run is still there")
        // The work folder is usable, and what was done before is kept.
        let again = try Result(try kernel.folder.dom0kit(kernel.arguments("apply", "--format", "json")).output)
        #expect(again.cached("apply") == true)
    }

    /// A profile of a source that brings its own patches: a spec, given with `--source`.
    @Test func theSourcesOwnPatches() throws {
        let kernel = try MiniatureKernel()
        try kernel.folder.write(
            "rpm/SPECS/kernel.spec",
            "Name: kernel\nVersion: 6.1\nSource0: linux.tar\nPatch1: own.patch\n%prep\n%setup -q -n tree\n%patch1 -p1\n"
        )
        try kernel.folder.write(
            "rpm/SOURCES/own.patch",
            "--- a/init/main.c\n+++ b/init/main.c\n@@ -1,2 +1,2 @@\n-line 1\n+line one\n line 2\n")
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/bin/tar")
        tar.arguments = [
            "-C", kernel.folder.path.string, "-cf", kernel.folder.path.pushing("rpm/SOURCES/linux.tar").string, "tree",
        ]
        try tar.run()
        tar.waitUntilExit()
        let profile = String(
            decoding: try Files.read(kernel.folder.path.pushing("kit/Profiles/miniature.yaml")), as: UTF8.self)
        try kernel.folder.write(
            "kit/Profiles/miniature.yaml",
            profile.replacing(
                "{ hint: the miniature kernel of the tests }",
                with: "{ files: [{ name: kernel.src.rpm, address: \"http://x.invalid/\" }], patched: true }"
            )
            .replacing("[{ path: Patches/own }]", with: "[]"))
        let arguments = [
            "run", "miniature", "--data", "kit", "--work", "work", "--stop-after", "apply", "--format", "json",
        ]
        let missing = try kernel.folder.dom0kit(arguments)
        #expect(missing.status == 66 && missing.errors.contains("get kernel.src.rpm (http://x.invalid/)"), "\(missing)")
        let run = try kernel.folder.dom0kit(arguments + ["--source", "rpm"])
        #expect(run.status == 0, "\(run)")
        #expect(try kernel.work("tree/init/main.c").hasPrefix("line one\n"))
        let again = try Result(try kernel.folder.dom0kit(arguments + ["--source", "rpm"]).output)
        #expect(again.cached("import") == true)
        // A changed patch is seen.
        try kernel.folder.write(
            "rpm/SOURCES/own.patch",
            "--- a/init/main.c\n+++ b/init/main.c\n@@ -1,2 +1,2 @@\n-line 1\n+line eins\n line 2\n")
        let third = try Result(try kernel.folder.dom0kit(arguments + ["--source", "rpm"]).output)
        #expect(third.cached("import") == false)
        #expect(try kernel.work("tree/init/main.c").hasPrefix("line eins\n"))
    }
}
