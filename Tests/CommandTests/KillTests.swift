import Bytes
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// SIGKILL at random instants of `dom0kit apply`: after the next run the tree is whole. `DOM0KIT_KILLS` says how often.
@Suite(.serialized) struct KillTests {
    private static let kills = Int(ProcessInfo.processInfo.environment["DOM0KIT_KILLS"] ?? "") ?? 24
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A tree of 400 files in 20 folders, and a patch that changes most of them, removes some with their folders, moves
    /// some and makes new ones.
    private func make() throws {
        let lines = (1...30).map { "\($0)\n" }.joined()
        var patch = ""
        var script = ""
        for index in 0..<400 {
            let name = "d\(index % 20)/f\(index)"
            script += "cp base 'old/\(name)'\n"
            if index % 20 == 7 {
                patch += "--- a/\(name)\n+++ /dev/null\n@@ -1,30 +0,0 @@\n" + (1...30).map { "-\($0)\n" }.joined()
            } else if index % 20 == 11 {
                patch +=
                    "diff --git a/\(name) b/m\(index % 3)/\(index)\nsimilarity index 100%\nrename from \(name)\n"
                    + "rename to m\(index % 3)/\(index)\n"
            } else {
                patch += "--- a/\(name)\n+++ b/\(name)\n@@ -9,3 +9,3 @@\n 9\n-10\n+ten\n 11\n"
            }
            if index % 10 == 3 { patch += "--- /dev/null\n+++ b/n/\(index % 7)/\(index)\n@@ -0,0 +1 @@\n+new\n" }
        }
        try scratch.file("base", lines)
        try scratch.file("x.patch", patch)
        try scratch.file("make", "mkdir -p old; for i in $(seq 0 19); do mkdir -p old/d$i; done\n" + script)
        try #require(scratch.shell("sh ./make") == 0)
    }

    /// Starts `dom0kit apply` and kills it after some time, if it is then still there.
    private func start(_ tree: String, killAfter microseconds: UInt32?) throws {
        let process = Process()
        process.executableURL = CommandFolder.program
        process.arguments = ["apply", "--tree", tree, "--series", "x.patch"]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path.string)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        if let microseconds {
            usleep(microseconds)
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
    }

    @Test func noKillLeavesADamagedTree() throws {
        try make()
        // The quickest of some runs: the first one may have had to read the program from disk.
        var length = Double.infinity
        for _ in 0..<5 {
            try #require(scratch.shell("rm -rf new && cp -a old new") == 0)
            let clock = ContinuousClock()
            let begin = clock.now
            try start("new", killAfter: nil)
            let whole = begin.duration(to: clock.now)
            length = min(length, Double(whole.components.seconds) * 1e6 + Double(whole.components.attoseconds) / 1e12)
        }
        try #require(scratch.shell("! diff -r old new") == 0)
        var interrupted = 0
        for number in 0..<Self.kills {
            // New names each time: file systems are slow to reuse what was just removed.
            let tree = "tree\(number)"
            try #require(scratch.shell("cp -a old \(tree) && cp -al \(tree) \(tree).linked") == 0)
            try start(tree, killAfter: UInt32(Double.random(in: 0.2...1.1) * length))
            if Files.exists(scratch.path.pushing(FilePath("\(tree)/.dom0kit-stage"))) { interrupted += 1 }
            // The run that repairs may be killed as well.
            if number % 3 == 0 { try start(tree, killAfter: UInt32(Double.random(in: 0.05...1.1) * length)) }
            try start(tree, killAfter: nil)
            #expect(scratch.shell("diff -r new \(tree) && ! test -e \(tree)/.dom0kit-stage") == 0, "kill \(number)")
            #expect(scratch.shell("diff -r old \(tree).linked") == 0, "kill \(number) reached a tree that shares files")
        }
        print("kills: \(Self.kills), of them \(interrupted) while the tree was being written")
        if Self.kills >= 100 { #expect(interrupted > 5, "the kills missed the time of writing") }
    }
}
