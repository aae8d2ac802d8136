import Bytes
import Diagnostics
import Foundation
import Host
import KernelBuild
import Pipeline
import SystemPackage
import TestSupport
import Testing

/// Compilers out of packages that are not installed: what is called in their place.
@Suite struct UnpackedToolchainTests {
    /// A folder as GCC's packages make it, with a C library of its own: what is called says its words.
    private func folder(_ scratch: Scratch, _ name: String, loader: Bool = true) throws -> FilePath {
        func program(_ path: String, _ text: String) throws {
            try scratch.file("\(name)/\(path)", text)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: scratch.path.pushing(FilePath("\(name)/\(path)")).string)
        }
        let said = "#!/bin/sh\ncase \"$*\" in *-dumpfullversion*) echo 14.2.0; exit ;; esac\necho \"$@\"\n"
        if loader { try program("usr/lib64/ld-linux-x86-64.so.2", said) }
        try program("usr/bin/x86_64-linux-gnu-gcc-14", "#!/bin/sh\necho 14.2.0\n")
        try program("usr/libexec/gcc/x86_64-linux-gnu/14/cc1", "")
        try program("usr/libexec/gcc/x86_64-linux-gnu/14/collect2", "")
        return scratch.path.appending(name)
    }

    private func program(_ choice: String, _ scratch: Scratch) async throws -> String {
        try await UnpackedToolchain.program(choice, cache: scratch.path.appending("cache"), progress: NoProgress())
    }

    @Test func isStartedByItsOwnLoader() async throws {
        let scratch = try Scratch()
        // A name that a shell reads as several.
        let root = try folder(scratch, "un packed")
        let called = try await program(root.string, scratch)
        #expect(called.hasSuffix("/x86_64-linux-gnu-gcc-14"))
        let output = try await Command(called, ["-c", "a b.c"], environment: [:]).capture(limit: 1 << 16)
        let parts = FilePath(called).removingLastComponent().appending("parts")
        #expect(
            String(decoding: output.standardOutput, as: UTF8.self)
                == "--library-path \(root)/lib/x86_64-linux-gnu:\(root)/usr/lib/x86_64-linux-gnu "
                + "\(root)/usr/bin/x86_64-linux-gnu-gcc-14 -B\(parts)/ -fno-use-linker-plugin -c a b.c\n")
        #expect(try Files.list(parts).sorted() == ["cc1", "collect2"])
        let cc1 = String(decoding: try Files.read(parts.appending("cc1")), as: UTF8.self)
        #expect(cc1.contains("/usr/libexec/gcc/x86_64-linux-gnu/14/cc1' \"$@\""))
        // With binutils among the packages the compiler takes theirs.
        let linked = try folder(scratch, "linked")
        for name in ["as", "ld"] { try scratch.file("linked/usr/bin/x86_64-linux-gnu-\(name)", "") }
        let other = try await program(linked.string, scratch)
        #expect(try !String(decoding: Files.read(FilePath(other)), as: UTF8.self).contains("linker-plugin"))
        #expect(
            try Files.list(FilePath(other).removingLastComponent().appending("parts")).sorted()
                == ["as", "cc1", "collect2", "ld"])
        // The range is held against what it says of itself.
        let rule = CompilerRule(oldest: 5, newest: 14)
        #expect(try await rule.compiler(choice: called, variables: [:]) == called)
        // A second time the same, untouched.
        let before = try FileManager.default.attributesOfItem(atPath: called)[.modificationDate] as? Date
        #expect(try await program(root.string, scratch) == called)
        #expect(try FileManager.default.attributesOfItem(atPath: called)[.modificationDate] as? Date == before)
    }

    @Test func whatNeedsNone() async throws {
        let scratch = try Scratch()
        let root = try folder(scratch, "plain", loader: false)
        #expect(try await program(root.string, scratch) == root.string)
        #expect(try await program("gcc-12", scratch) == "gcc-12")
        #expect(try await program("/usr/bin/gcc", scratch) == "/usr/bin/gcc")
        try scratch.file("empty/lib64/ld-linux-x86-64.so.2", "")
        let error = await #expect(throws: BuildError.self) {
            try await program(scratch.path.appending("empty").string, scratch)
        }
        #expect(error?.category == .missingInput)
    }

    @Test(.enabled(if: hasTool("dpkg-deb"), "needs dpkg-deb")) func packages() async throws {
        let scratch = try Scratch()
        let root = try folder(scratch, "made")
        try scratch.file(
            "made/DEBIAN/control",
            "Package: gcc-14\nVersion: 1\nArchitecture: amd64\nMaintainer: x <x@x>\nDescription: x\n")
        let debs = scratch.path.appending("debs")
        try Files.createDirectories(debs)
        let built = try await Command(
            "dpkg-deb", ["-b", "--root-owner-group", root.string, debs.appending("gcc-14.deb").string],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        ).capture(limit: 1 << 16)
        #expect(built.termination.succeeded)
        let called = try await program(debs.string, scratch)
        let output = try await Command(called, ["-dumpfullversion"], environment: [:]).capture(limit: 1 << 16)
        #expect(String(decoding: output.standardOutput, as: UTF8.self) == "14.2.0\n")
        // Unpacked once.
        let roots = try Files.list(scratch.path.appending("cache")).filter { $0.hasPrefix("root-") }
        #expect(roots.count == 1)
        #expect(try await program(debs.string, scratch) == called)
    }
}
