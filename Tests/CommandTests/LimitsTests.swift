import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a machine sets limits to.
@Suite struct LimitsTests {
    static let patch = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n"

    @Test(
        "too few files that may be open are an error that says so, and leave nothing behind",
        arguments: [5, 8, 16, 24, 63])
    func files(limit: Int) throws {
        let folder = try CommandFolder()
        try folder.write("t/f", "old\n")
        try folder.write("p.patch", Self.patch)
        let script = """
            (exec 2>errors; ulimit -n \(limit); exec '\(CommandFolder.program.path)' apply --series p.patch --tree t)
            echo $?
            """
        let status = output("sh", ["-c", script], in: folder.path.string)
        #expect(status.map { String(decoding: $0, as: UTF8.self) } == "69\n")
        let message = String(decoding: try Files.read(folder.path.appending("errors")), as: UTF8.self)
        #expect(message.hasPrefix("dom0kit: only \(limit) files may be open at once"), "\(message)")
        #expect(try Files.list(folder.path.appending("t")) == ["f"])
    }

    @Test("enough files, and not one more than are needed")
    func enough() throws {
        let folder = try CommandFolder()
        try folder.write("t/f", "old\n")
        try folder.write("p.patch", Self.patch)
        let script = "ulimit -n 64; '\(CommandFolder.program.path)' apply --series p.patch --tree t >/dev/null; echo $?"
        let status = output("sh", ["-c", script], in: folder.path.string)
        #expect(status.map { String(decoding: $0, as: UTF8.self) } == "0\n")
        #expect(try Files.read(folder.path.pushing("t/f")) == Array("new\n".utf8))
    }

    /// Work that never looks up: many long hunks that nearly fit.
    @Test("a signal ends the program while it expands a spec's macros")
    func signalInMacros() throws {
        let folder = try CommandFolder()
        let letters = Array("abcdefghij").map(String.init)
        let macros = zip(letters, letters.dropFirst()).map { name, next in
            "%define \(name)() " + String(repeating: "%{\(next)}", count: 8) + "\n"
        }
        try folder.write(
            "kernel.spec",
            "Name: kernel\nVersion: 6.1\n" + macros.joined() + "%define j() %{nil}\nSummary: %{a}\n%prep\n%setup -q\n")
        let script = """
            '\(CommandFolder.program.path)' series list kernel.spec >/dev/null 2>errors & kit=$!
            sleep 0.3; kill -TERM $kit; date +%s%N; wait $kit; code=$?; date +%s%N; echo $code
            """
        let lines = try #require(
            output("sh", ["-c", script], in: folder.path.string).map { String(decoding: $0, as: UTF8.self) }
        )
        .split(separator: "\n").compactMap { Int($0) }
        try #require(lines.count == 3)
        #expect(lines[2] == 143 || lines[2] == 65, "\(lines)")
        // Two seconds, and a little for a machine that is busy.
        #expect(lines[1] - lines[0] < 2_500_000_000, "\(lines)")
        // Left alone, it comes to an end by itself.
        let run = try folder.dom0kit("series", "list", "kernel.spec")
        #expect(run.status == 65 && run.errors.contains("its macros expand to more than a spec has"), "\(run)")
    }

    @Test("a signal ends the program, whatever it is doing")
    func signal() throws {
        let folder = try CommandFolder()
        let lines = (0..<150_000).map { "line \($0 % 7) \($0 % 31)" }
        try folder.write("t/f", lines.joined(separator: "\n") + "\n")
        var patch = "--- a/f\n+++ b/f\n"
        for number in 0..<300 {
            let start = number * 490
            var context = lines[start..<(start + 200)].map { " " + $0 }
            for place in stride(from: 5, to: 200, by: 13) { context[place] = " other \(place)" }
            patch += "@@ -\(start + 1),201 +\(start + 1),201 @@\n" + context.joined(separator: "\n") + "\n-old\n+new\n"
        }
        try folder.write("p.patch", patch)
        let script = """
            '\(CommandFolder.program.path)' verify --series p.patch --tree t >/dev/null 2>&1 & kit=$!
            sleep 1; kill -TERM $kit; wait $kit; echo $?
            """
        let status = output("sh", ["-c", script], in: folder.path.string).map { String(decoding: $0, as: UTF8.self) }
        // Where it is done within a second, its verdict is right, too.
        #expect(status == "143\n" || status == "10\n", "\(status ?? "")")
    }
}
