import Bytes
import Foundation
import Host
import Kconfig
import SystemPackage
import TestSupport
import Testing

/// Real kernel trees: the folders of `DOM0KIT_TEST_TREES` (such as `6.1`), or else the machine's own `linux-source`.
enum RealTrees {
    static let cache = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending(".build").appending("test-trees")

    /// The trees, by name.
    static func all() throws -> [FilePath] {
        if let folder = ProcessInfo.processInfo.environment["DOM0KIT_TEST_TREES"] {
            let trees = try Files.list(FilePath(folder)).map { FilePath(folder).appending($0) }
                .filter { Files.isRegular($0.appending("Kconfig")) }
            if !trees.isEmpty { return trees }
        }
        return [try fetched()]
    }

    private static let fetching = NSLock()

    /// What configuring needs of the newest `linux-source` that apt has, unpacked once.
    private static func fetched() throws -> FilePath {
        fetching.lock()
        defer { fetching.unlock() }
        guard let listing = output("apt-cache", ["depends", "linux-source"]),
            let package = String(decoding: listing, as: UTF8.self).split(separator: "\n")
                .first(where: { $0.contains("Depends: linux-source-") })?.split(separator: " ").last.map(String.init)
        else { try Test.cancel("apt knows no linux-source here, and DOM0KIT_TEST_TREES is not set") }
        let tree = cache.appending(String(package.dropFirst("linux-source-".count)))
        if Files.isRegular(tree.appending("Kconfig")) { return tree }
        try Files.createDirectories(cache)
        let script = """
            set -e
            apt-get -q download \(package)
            mkdir -p part
            dpkg-deb --fsys-tarfile \(package)_*.deb | tar -xO ./usr/src/\(package).tar.xz | xz -dc |
                tar -x -C part --strip-components=1 --wildcards '*/Kconfig*' '*/Makefile*' '*/Kbuild*' '*/*.config' \\
                '*/scripts/*' '*/configs/*' '*/arch/x86/*.sh' '*/tools/build/*'
            rm -f \(package)_*.deb
            mv part \(tree.string)
            """
        guard output("sh", ["-c", script], in: cache.string) != nil else {
            try Test.cancel("\(package) cannot be fetched here")
        }
        return tree
    }

    /// An environment in which Kbuild gives the same result everywhere.
    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C",
        "KBUILD_BUILD_USER": "dom0kit", "KBUILD_BUILD_HOST": "dom0kit",
    ]

    static func needTools() throws {
        for tool in ["make", "gcc", "flex", "bison"] where output("sh", ["-c", "command -v \(tool)"]) == nil {
            try Test.cancel("\(tool) is not on this machine")
        }
    }
}

@Suite(.serialized) struct RealTreeTests {
    @Test func everyTreeIsReadWholeAndFast() throws {
        for path in try RealTrees.all() {
            let clock = ContinuousClock()
            let start = clock.now
            let tree = try KconfigTree.load(path)
            let duration = clock.now - start
            #expect(tree.complaints == [], "\(path)")
            #expect(tree.symbolCount > 10_000)
            print("\(path): \(tree.fileCount) files, \(tree.symbolCount) symbols in \(duration)")
            // The requirements name symbols that are there, in the kernels they say.
            let requirements = try Dom0Requirements.load(try Files.read(Dom0RequirementsTests.file))
            for requirement in requirements.applying(to: tree.version, modes: [.pv, .pvh]) {
                #expect(tree.defines(requirement.symbol), "\(requirement.symbol) in \(tree.version)")
            }
        }
    }

    /// What conf settled agrees with our reading of every symbol.
    @Test func confAgrees() async throws {
        try RealTrees.needTools()
        for path in try RealTrees.all() {
            let tree = try KconfigTree.load(path)
            for base in ["tinyconfig", "defconfig"] {
                let folder = try Scratch()
                let resolver = KconfigResolver(tree: path, output: folder.path, environment: RealTrees.environment)
                let resolved = try await resolver.resolve(base: .target(base))
                let wrong = tree.inconsistencies(in: resolved.configuration)
                #expect(wrong.isEmpty, "\(tree.version) \(base): \(wrong.prefix(10))")
            }
        }
    }

    /// The settings an explanation gives really make the symbol: conf is asked.
    @Test func fixesWork() async throws {
        try RealTrees.needTools()
        for path in try RealTrees.all() {
            let tree = try KconfigTree.load(path)
            let folder = try Scratch()
            let resolver = KconfigResolver(tree: path, output: folder.path, environment: RealTrees.environment)
            let fragment = try ConfigFragment(Array("CONFIG_XEN_DOM0=y\n".utf8), path: "ask.config")
            let tiny = try await resolver.resolve(base: .target("tinyconfig"), fragments: [fragment])
            #expect(tiny.findings.map(\.symbol) == ["XEN_DOM0"])
            var fixes: [String] = []
            for symbol in ["XEN_DOM0", "XEN_BLKDEV_BACKEND", "XEN_NETDEV_BACKEND", "HVC_XEN", "XENFS", "XEN_GNTDEV"] {
                let explanation = tree.explain(symbol, in: tiny.configuration)
                print(explanation.summary)
                #expect(!explanation.fix.isEmpty, "\(explanation.summary)")
                fixes += explanation.fix.filter { !fixes.contains($0) }
            }
            let text = Array((fixes.joined(separator: "\n") + "\n").utf8)
            let fixed = try await resolver.resolve(
                base: .target("tinyconfig"), fragments: [try ConfigFragment(text, path: "fix.config")])
            #expect(fixed.findings.isEmpty, "\(tree.version): \(fixed.findings.map(\.summary))")
            #expect(fixed.configuration["XEN_DOM0"] == .yes)
            #expect(tree.inconsistencies(in: fixed.configuration).isEmpty)
        }
    }
}
