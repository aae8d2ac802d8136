import Bytes
import Diagnostics
import Foundation
import Host
import KernelBuild
import SystemPackage
import Testing

/// Real make and a real compiler on a makefile that takes the options Kbuild takes.
@Suite struct KernelBuilderTests {
    private static let makefile = """
        all: $(O)/image
        $(O)/image: good.c broken.c
        \t@echo '  CC      good.o'
        \t@gcc -c -o $(O)/good.o good.c
        \t@echo '  CC      broken.o'
        \t@gcc -c -o $(O)/broken.o broken.c
        \t@mkdir -p $(O)/include/config; echo 6.1.0-test > $(O)/include/config/kernel.release
        \t@echo "$$KBUILD_BUILD_TIMESTAMP $$KBUILD_BUILD_USER $(ARCH)" > $@

        """

    private func build(broken: String) async throws -> (outcome: BuildOutcome, folder: FilePath) {
        let folder = FilePath(NSTemporaryDirectory()).appending("dom0kit-build-\(UUID().uuidString)")
        let tree = folder.appending("tree")
        let output = folder.appending("out")
        try Files.createDirectories(tree)
        try Files.createDirectories(output)
        try Files.write(Self.makefile, to: tree.appending("Makefile"))
        try Files.write("int good;\n", to: tree.appending("good.c"))
        try Files.write(broken, to: tree.appending("broken.c"))
        let environment = BuildEnvironment(
            architecture: "x86_64", epoch: 1_700_000_000, searchPath: "/usr/local/bin:/usr/bin:/bin")
        do {
            let outcome = try await KernelBuilder.build(
                BuildRequest(
                    tree: tree, output: output, targets: ["all"], image: "image", jobs: 1, environment: environment,
                    log: folder.appending("build.log")),
                progress: NoProgress())
            return (outcome, folder)
        } catch {
            try? Files.remove(folder)
            throw error
        }
    }

    @Test func imageWithAReproducibleEnvironment() async throws {
        let (outcome, folder) = try await build(broken: "int fine;\n")
        defer { try? Files.remove(folder) }
        guard case .built(let kernel) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(kernel.release == "6.1.0-test")
        #expect(kernel.steps == 2)
        let image = try Files.read(FilePath(kernel.image))
        #expect(String(decoding: image, as: UTF8.self) == "Tue Nov 14 22:13:20 UTC 2023 dom0kit x86_64\n")
        #expect(kernel.imageSHA256 == Digest(of: image).hex)
    }

    @Test func firstCompilerErrorWithItsContext() async throws {
        let (outcome, folder) = try await build(broken: "int broken(void)\n{\n\treturn undeclared_name;\n}\n")
        defer { try? Files.remove(folder) }
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.file == "broken.c")
        #expect(failure.line == 3)
        #expect(failure.message.contains("undeclared_name"))
        #expect(failure.context.contains { $0.contains("In function") })
        #expect(failure.context.contains { $0.contains("return undeclared_name;") })
        #expect(failure.termination == "exit status 2")
        let log = String(decoding: try Files.read(FilePath(failure.log)), as: UTF8.self)
        #expect(log.contains("  CC      broken.o"))
    }

    @Test(arguments: [
        ("fs/x.c: fatal error: error writing to /tmp/y.s: No space left on device", ErrorCategory.inputOutput),
        ("gcc: fatal error: Killed signal terminated program cc1", .infrastructure),
    ])
    func theMachineFailedAndNotTheKernel(line: String, category: ErrorCategory) async throws {
        // The preprocessor prints the line where the compiler would: what cannot be provoked without filling a disk.
        let error = await #expect(throws: BuildError.self) {
            _ = try await build(broken: "#error \(line)\n")
        }
        #expect(error?.category == category)
    }

    @Test func cancellationEndsEveryChild() async throws {
        let folder = FilePath(NSTemporaryDirectory()).appending("dom0kit-build-\(UUID().uuidString)")
        try Files.createDirectories(folder)
        defer { try? Files.remove(folder) }
        // A name no other process has, so that its children can be found by it.
        let mark = "31\(UInt32.random(in: 1_000_000...9_999_999))"
        let task = Task {
            try await Command(
                "sh", ["-c", "sleep \(mark) & echo ready; sleep \(mark)"], environment: ["PATH": "/usr/bin:/bin"]
            ).stream { line in if line == "ready" { try? Files.write("", to: folder.appending("ready")) } }
        }
        while !Files.exists(folder.appending("ready")) { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        await #expect(throws: HostError.self) { try await task.value }
        let left = try await Command("pgrep", ["-f", "sleep \(mark)"], environment: ["PATH": "/usr/bin:/bin"]).capture()
        #expect(left.standardOutput.isEmpty)
    }
}
