import Bytes
import Foundation
import KernelBuild
import SystemPackage
import TestSupport
import Testing

/// Compilers that only say their version.
@Suite struct CompilerRuleTests {
    /// A folder of programs that answer `-dumpfullversion -dumpversion` as GCC does.
    private func machine(_ compilers: [(name: String, version: String)]) throws -> (Scratch, [String: String]) {
        let scratch = try Scratch()
        let folder = scratch.path.pushing("usr/bin")
        try Files.createDirectories(folder)
        for (name, version) in compilers {
            let path = folder.appending(name)
            try Files.write("#!/bin/sh\n[ \"$1\" = -dumpfullversion ] && echo \(version)\n", to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.string)
        }
        return (scratch, ["PATH": folder.string])
    }

    private static let rule = CompilerRule(compiler: "gcc-12", oldest: 5, newest: 12)

    @Test func theNamedOneIsTaken() async throws {
        let (scratch, variables) = try machine([("gcc-12", "12.2.0"), ("gcc-10", "10.2.1"), ("gcc", "14.2.0")])
        #expect(try await Self.rule.compiler(choice: nil, variables: variables) == "gcc-12")
        #expect(try await Self.rule.compiler(choice: "gcc-10", variables: variables) == "gcc-10")
        // Without a rule or a choice, make's own default stays.
        #expect(try await CompilerRule().compiler(choice: nil, variables: variables) == nil)
        withExtendedLifetime(scratch) {}
    }

    @Test func anotherIsRefusedWithWhatWouldDo() async throws {
        let (scratch, variables) = try machine([
            ("gcc", "14.2.0"), ("gcc-14", "14.2.0"), ("gcc-11", "11.3.0"), ("gcc-9", "9.4.0"),
        ])
        let error = await #expect(throws: BuildError.self) {
            try await Self.rule.compiler(choice: "gcc-14", variables: variables)
        }
        #expect(error?.message == "gcc-14 has version 14.2.0, and this kernel builds with GCC 5 to 12")
        #expect(error?.remedy == "of this machine, gcc-11, gcc-9 will do")
        #expect(error?.category == .missingTool)
        let named = await #expect(throws: BuildError.self) {
            try await Self.rule.compiler(choice: "gcc-14", named: "debs", variables: variables)
        }
        #expect(named?.message == "the compiler of debs has version 14.2.0, and this kernel builds with GCC 5 to 12")
        // A range without a name is one for the machine's own.
        let own = await #expect(throws: BuildError.self) {
            try await CompilerRule(oldest: 15).compiler(choice: nil, variables: variables)
        }
        #expect(own?.message == "gcc has version 14.2.0, and this kernel builds with GCC 15 or later")
        #expect(own?.remedy == "install a compiler of that range; none is on this machine")
        withExtendedLifetime(scratch) {}
    }

    @Test func anUnpackedPackageAndAPath() async throws {
        let (scratch, variables) = try machine([("x86_64-linux-gnu-gcc-10", "10.2.1")])
        let program = scratch.path.pushing("usr/bin/x86_64-linux-gnu-gcc-10").string
        #expect(try await Self.rule.compiler(choice: scratch.path.string, variables: variables) == program)
        #expect(try await Self.rule.compiler(choice: program, variables: variables) == program)
        let error = await #expect(throws: BuildError.self) {
            try await Self.rule.compiler(choice: scratch.path.string + "/none", variables: variables)
        }
        #expect(error?.category == .missingInput)
    }
}
