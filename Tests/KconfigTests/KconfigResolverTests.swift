import Bytes
import Diagnostics
import Foundation
import Kconfig
import SystemPackage
import TestSupport
import Testing

/// The resolver with a tree whose Makefile only plays Kbuild.
@Suite struct KconfigResolverTests {
    static let makefile = """
        VERSION = 6
        PATCHLEVEL = 1
        SUBLEVEL = 0
        tinyconfig:
        	@printf 'CONFIG_A=y\\n# CONFIG_B is not set\\n' > $(O)/.config
        olddefconfig:
        	@echo "settled for $(ARCH) with $(CC)"
        	@echo ".config:1:warning: symbol value 'm' invalid for A" >&2
        	@echo ".config:2:warning: override: reassigning to symbol B"
        	@printf 'WARNING: unmet direct dependencies detected for X\\n  Depends on [n]: Y\\n'
        	@grep -v IMPOSSIBLE $(O)/.config > $(O)/new; mv $(O)/new $(O)/.config
        %.config:
        	@cat kernel/configs/$@ >> $(O)/.config
        brokenconfig:
        	@echo "/bin/sh: 1: flex: not found"; false
        failconfig:
        	@echo "scripts/kconfig: something is wrong"; false
        """

    func workspace() throws -> (Scratch, KconfigResolver) {
        guard output("sh", ["-c", "command -v make"]) != nil else { try Test.cancel("make is not on this machine") }
        let folder = try Scratch()
        let tree = folder.path.appending("tree")
        try Files.createDirectories(tree.pushing("kernel/configs"))
        try Files.write(Self.makefile, to: tree.appending("Makefile"))
        try Files.write("config A\n\tbool\n", to: tree.appending("Kconfig"))
        try Files.write("CONFIG_TREE=y\nCONFIG_LATE=m\n", to: tree.pushing("kernel/configs/xen_dom0.config"))
        let resolver = KconfigResolver(
            tree: tree, output: folder.path.appending("out"), variables: ["CC=cc-9"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C"])
        return (folder, resolver)
    }

    func fragment(_ text: String, _ name: FilePath) throws -> ConfigFragment {
        try ConfigFragment(Array(text.utf8), path: name)
    }

    @Test func everyLayerInItsOrder() async throws {
        let (folder, resolver) = try workspace()
        let resolved = try await resolver.resolve(
            base: .target("tinyconfig"), preceding: [try fragment("CONFIG_EARLY=y\n", "early")],
            targets: ["xen_dom0.config"],
            fragments: [try fragment("CONFIG_LATE=y\nCONFIG_B=y\nCONFIG_IMPOSSIBLE=y\n", "late")])
        #expect(
            String(decoding: resolved.configuration.bytes, as: UTF8.self)
                == "CONFIG_A=y\nCONFIG_EARLY=y\nCONFIG_TREE=y\nCONFIG_LATE=y\nCONFIG_B=y\n")
        #expect(resolved.findings.map(\.summary) == ["CONFIG_IMPOSSIBLE is n, wanted y (late:3)"])
        #expect(resolved.overrides.map(\.by.symbol) == ["LATE"])
        #expect(resolved.asked.map(\.symbol) == ["EARLY", "TREE", "LATE", "B", "IMPOSSIBLE"])
        // An override of conf's own making is not a warning; what belongs together stays together.
        #expect(resolved.warnings.count == 2, "\(resolved.warnings)")
        #expect(resolved.warnings.contains("WARNING: unmet direct dependencies detected for X; Depends on [n]: Y"))
        let log = String(decoding: try Files.read(resolved.log), as: UTF8.self)
        #expect(log.split(separator: "\n").filter { $0.hasPrefix("$ make") }.count == 3)
        #expect(log.contains("settled for x86_64 with cc-9"))
        withExtendedLifetime(folder) {}
    }

    /// A kernel before 3.7 has no olddefconfig, one before 2.6.37 no top Kconfig, and the compiler's words about conf's own
    /// source say nothing of a configuration.
    @Test func aTreeOfAnotherAge() async throws {
        let (folder, resolver) = try workspace()
        let makefile = """
            allnoconfig:
            \t@echo "/tree/scripts/kconfig/conf.c:183:27: warning: variable 'help' set but not used"
            \t@echo "lex.zconf.c:1620:16: warning: 'input' defined but not used"
            \t@printf '# CONFIG_A is not set\\n' > $(O)/.config
            oldconfig:
            \t@echo "arch/x86_64/Kconfig:12:warning: type of 'A' redefined"
            \t@read answer && exit 1; echo 'CONFIG_NEW=y' >> $(O)/.config

            """
        try Files.write(makefile, to: resolver.tree.appending("Makefile"))
        try Files.createDirectories(resolver.tree.pushing("arch/x86_64"))
        try Files.createDirectories(resolver.tree.pushing("scripts/kconfig"))
        try Files.remove(resolver.tree.appending("Kconfig"))
        try Files.write("config A\n\tbool\n", to: resolver.tree.pushing("arch/x86_64/Kconfig"))
        try Files.write("oldconfig: conf\n", to: resolver.tree.pushing("scripts/kconfig/Makefile"))
        let resolved = try await resolver.resolve(
            base: .target("allnoconfig"), fragments: [try fragment("CONFIG_A=y\n", "f")])
        #expect(String(decoding: resolved.configuration.bytes, as: UTF8.self) == "CONFIG_A=y\nCONFIG_NEW=y\n")
        #expect(resolved.warnings == ["arch/x86_64/Kconfig:12:warning: type of 'A' redefined"])
        withExtendedLifetime(folder) {}
    }

    @Test func nothingIsSettledTwice() async throws {
        let (folder, resolver) = try workspace()
        let resolved = try await resolver.resolve(
            base: .target("tinyconfig"), fragments: [try fragment("CONFIG_A=y\n# CONFIG_B is not set\n", "same")])
        #expect(resolved.findings.isEmpty && resolved.warnings.isEmpty)
        let log = String(decoding: try Files.read(resolved.log), as: UTF8.self)
        #expect(!log.contains("settled"))
        // A base file always is.
        let base = try folder.file("base", Array("CONFIG_A=y\n".utf8))
        let again = try await resolver.resolve(base: .file(base))
        #expect(String(decoding: try Files.read(again.log), as: UTF8.self).contains("settled"))
    }

    @Test func whatGoesWrong() async throws {
        let (folder, resolver) = try workspace()
        func failure(_ base: ConfigBase, _ targets: [String] = []) async throws -> KconfigError? {
            await #expect(throws: KconfigError.self) { _ = try await resolver.resolve(base: base, targets: targets) }
        }
        #expect(try await failure(.target("brokenconfig"))?.category == .missingTool)
        #expect(try await failure(.target("failconfig"))?.message.contains("something is wrong") == true)
        #expect(try await failure(.target("bzImage"))?.category == .usage)
        #expect(try await failure(.target("tinyconfig"), ["no.config"])?.category == .usage)
        #expect(try await failure(.target("tinyconfig"), ["../x.config"])?.category == .usage)
        #expect(try await failure(.file("/nonexistent"))?.category == .missingInput)
        try Files.write("", to: resolver.tree.appending(".config"))
        #expect(try await failure(.target("tinyconfig"))?.category == .cannotCreate)
        let nowhere = KconfigResolver(tree: folder.path, output: folder.path.appending("o"), environment: [:])
        let error = await #expect(throws: KconfigError.self) {
            _ = try await nowhere.resolve(base: .target("tinyconfig"))
        }
        #expect(error?.category == .missingInput)
    }
}
