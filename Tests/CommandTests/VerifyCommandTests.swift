import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `dom0kit verify` on every kind of tree, with a cache, and with any number of workers.
struct VerifyCommandTests {
    private static let base = (1...30).map { "\($0)\n" }.joined()

    private static func change(_ file: String, _ line: Int, _ new: String) -> String {
        "--- a/\(file)\n+++ b/\(file)\n@@ -\(line - 3),7 +\(line - 3),7 @@ section\n"
            + (line - 3..<line).map { " \($0)\n" }.joined() + "-\(line)\n+\(new)\n"
            + (line + 1...line + 3).map { " \($0)\n" }.joined()
    }

    /// A tree whose files are some time old, and a series that moves, makes, removes, and does not fit exactly.
    private func scratch() throws -> CommandFolder {
        let folder = try CommandFolder()
        try folder.write("linux-6.1/Makefile", "VERSION = 6\nPATCHLEVEL = 1\n")
        for index in 0..<12 { try folder.write("linux-6.1/d/f\(index)", Self.base) }
        try folder.write("linux-6.1/d/f3", "0\n0\n" + Self.base)
        try folder.write("linux-6.1/old", "1\n2\n3\n")
        try folder.write("patches/a.patch", (0..<12).map { Self.change("d/f\($0)", 10, "ten") }.joined())
        try folder.write("patches/b.patch", Self.change("d/f1", 20, "twenty") + Self.change("d/f5", 20, "twenty"))
        try folder.write(
            "patches/c.patch",
            "diff --git a/d/f7 b/d/moved\nrename from d/f7\nrename to d/moved\n"
                + "diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-1\n-2\n-3\n"
                + "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n")
        try folder.write("patches/series", "a.patch\nb.patch\nc.patch\n")
        try age(folder)
        return folder
    }

    /// Files changed in the last two seconds are never remembered: a test that wants them to be waits for that.
    private func age(_ folder: CommandFolder) throws {
        try #require(shell("sleep 2.2", in: folder.path) == 0)
    }

    private func verify(_ folder: CommandFolder, _ arguments: String...) throws -> CommandFolder.Run {
        try folder.dom0kit(["verify", "--series", "patches", "--format", "json"] + arguments)
    }

    /// The result without the tree's name.
    private func outcome(_ run: CommandFolder.Run) throws -> NSDictionary {
        try #require(!run.output.isEmpty, "\(run.errors)")
        var json = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], "\(run.errors)")
        json["results"] = nil
        return json as NSDictionary
    }

    // MARK: - Kinds of trees

    private static let kinds: [(name: String, tool: String, make: String, tree: String)] = [
        ("tar", "tar", "tar cf t.tar linux-6.1", "t.tar"),
        ("tar, at its top", "tar", "tar czf t.tgz -C linux-6.1 .", "t.tgz"),
        ("tar without folder entries", "tar", "find linux-6.1 -type f | tar cJf t.tar.xz -T -", "t.tar.xz"),
        (
            "tar with hard links", "tar",
            "ln linux-6.1/d/f0 linux-6.1/aaa; tar cf t.tar linux-6.1/aaa linux-6.1; rm linux-6.1/aaa", "t.tar"
        ),
        (
            "deb", "dpkg-deb",
            """
            mkdir -p p/DEBIAN p/usr/src; tar cJf p/usr/src/linux-source-6.1.tar.xz linux-6.1
            printf 'Package: linux-source-6.1\\nVersion: 1\\nArchitecture: all\\nMaintainer: T <t@example.invalid>\\nDescription: x\\n' > p/DEBIAN/control
            dpkg-deb -b p t.deb
            """, "t.deb"
        ),
        (
            "dsc", "dpkg-source",
            """
            mkdir w; cp -r linux-6.1 w/linux-6.1; tar cJf w/linux_6.1.orig.tar.xz linux-6.1; cd w/linux-6.1
            mkdir -p debian/source; echo '3.0 (quilt)' > debian/source/format
            printf 'Source: linux\\nMaintainer: T <t@example.invalid>\\n\\nPackage: linux-x\\nArchitecture: all\\nDescription: x\\n' > debian/control
            printf 'linux (6.1-1) unstable; urgency=low\\n\\n  * x\\n\\n -- T <t@example.invalid>  Mon, 01 Jan 2024 00:00:00 +0000\\n' > debian/changelog
            cd ..; dpkg-source -b linux-6.1
            """, "w/linux_6.1-1.dsc"
        ),
        (
            "dsc, format 1.0", "dpkg-source",
            """
            mkdir w; cp -r linux-6.1 w/linux-6.1; sed -i 's/^10$/x/' w/linux-6.1/d/f4; cp -r w/linux-6.1 w/linux-6.1.orig
            cp linux-6.1/d/f4 w/linux-6.1/d/f4; tar czf w/linux_6.1.orig.tar.gz -C w linux-6.1.orig; rm -r w/linux-6.1.orig; cd w/linux-6.1
            mkdir -p debian/source; echo '1.0' > debian/source/format
            printf 'Source: linux\\nMaintainer: T <t@example.invalid>\\n\\nPackage: linux-x\\nArchitecture: all\\nDescription: x\\n' > debian/control
            printf 'linux (6.1-1) unstable; urgency=low\\n\\n  * x\\n\\n -- T <t@example.invalid>  Mon, 01 Jan 2024 00:00:00 +0000\\n' > debian/changelog
            cd ..; dpkg-source -b linux-6.1
            """, "w/linux_6.1-1.dsc"
        ),
        (
            "src.rpm", "rpmbuild",
            """
            mkdir -p r/SOURCES r/SPECS; tar cjf r/SOURCES/linux-6.1.tar.bz2 linux-6.1
            printf 'Name: kernel\\nVersion: 6.1\\nRelease: 1\\nSummary: x\\nLicense: x\\nSource0: linux-6.1.tar.bz2\\n%%description\\nx\\n' > r/SPECS/k.spec
            rpmbuild --define "_topdir $PWD/r" --nodeps -bs r/SPECS/k.spec; mv r/SRPMS/*.src.rpm t.src.rpm
            """, "t.src.rpm"
        ),
        (
            "git", "git",
            """
            export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD; cp -r linux-6.1 repo; cd repo; git init -q
            git -c user.name=t -c user.email=t@example.invalid commit -q --allow-empty -m 0; git add .
            git -c user.name=t -c user.email=t@example.invalid commit -q -m 1; rm -rf d
            """, "git:repo@HEAD"
        ),
    ]

    @Test(arguments: kinds.indices) func everyKindOfTreeGivesTheSame(index: Int) throws {
        let kind = Self.kinds[index]
        try #require(hasTool(kind.tool), "\(kind.tool) is missing")
        let folder = try scratch()
        try #require(shell("set -e\n" + kind.make, in: folder.path) == 0, "\(kind.name)")
        let plain = try verify(folder, "--tree", "linux-6.1")
        #expect(plain.status == 0, "\(plain.errors)")
        let run = try verify(folder, "--tree", kind.tree)
        #expect(run.status == 0, "\(kind.name): \(run.errors)")
        #expect(try outcome(run) == outcome(plain), "\(kind.name)")
        // Again from memory, and again where the memory is in the way of nothing.
        for _ in 0..<2 {
            let cached = try verify(folder, "--tree", kind.tree, "--cache", "cache")
            #expect(try outcome(cached) == outcome(plain), "\(kind.name)")
        }
        let tried = try folder.dom0kit(
            "apply", "--dry-run", "--tree", kind.tree, "--series", "patches", "--format", "json")
        #expect(tried.status == 0, "\(tried.errors)")
        let refused = try folder.dom0kit("apply", "--tree", kind.tree, "--series", "patches")
        #expect(refused.status == 64 && refused.errors.contains("source import"), "\(refused.errors)")
    }

    @Test func treesOfOtherKindsFailAlike() throws {
        let folder = try scratch()
        try folder.write("linux-6.1/d/f5", Self.base.replacing("20\n", with: "x\n"))
        try #require(shell("tar cf t.tar linux-6.1", in: folder.path) == 0)
        let plain = try verify(folder, "--tree", "linux-6.1")
        let packed = try verify(folder, "--tree", "t.tar")
        #expect(plain.status == 10 && packed.status == 10)
        #expect(try outcome(plain) == outcome(packed))
        #expect(try verify(folder, "--tree", "nothing").status == 66)
        try folder.write("damaged.tar", "this is no archive")
        #expect(try verify(folder, "--tree", "damaged.tar").status == 65)
    }

    // MARK: - The cache

    @Test(arguments: ["gnu", "all"]) func theCacheNeverHidesAChange(like: String) throws {
        let folder = try scratch()
        func run() throws -> (plain: CommandFolder.Run, cached: CommandFolder.Run) {
            (
                try verify(folder, "--tree", "linux-6.1", "--like", like),
                try verify(folder, "--tree", "linux-6.1", "--like", like, "--cache", "cache")
            )
        }
        func expectSame(_ status: Int32, _ what: Comment) throws {
            let (plain, cached) = try run()
            #expect(plain.status == status && cached.status == status, what)
            #expect(plain.output == cached.output, what)
        }
        try expectSame(0, "cold")
        try expectSame(0, "warm")
        // The same size and the same time, in a file of the tree and in a patch.
        try #require(
            shell(
                "touch -r linux-6.1/d/f1 stamp; sed -i 's/^20$/21/' linux-6.1/d/f1; touch -r stamp linux-6.1/d/f1",
                in: folder.path) == 0)
        try expectSame(10, "a changed file")
        try expectSame(10, "a changed file, again")
        try folder.write("linux-6.1/d/f1", Self.base)
        try expectSame(0, "back again")
        try #require(
            shell(
                "touch -r patches/b.patch stamp; sed -i 's/^-20$/-22/' patches/b.patch; touch -r stamp patches/b.patch",
                in: folder.path) == 0)
        try expectSame(10, "a changed patch")
        try folder.write("patches/b.patch", Self.change("d/f1", 20, "other"))
        try age(folder)
        try expectSame(0, "another patch")
        try expectSame(0, "another patch, remembered")
        try #require(shell("mv linux-6.1/d linux-6.1/e; ln -s e linux-6.1/d", in: folder.path) == 0)
        try expectSame(10, "behind a link")
        try #require(shell("rm linux-6.1/d; mv linux-6.1/e linux-6.1/d", in: folder.path) == 0)
        try expectSame(0, "a folder again")
        try folder.write("linux-6.1/new", "in the way\n")
        try expectSame(10, "a file that was not there")
    }

    @Test func aDamagedCacheIsAsGoodAsNone() throws {
        let folder = try scratch()
        let plain = try verify(folder, "--tree", "linux-6.1")
        let first = try verify(folder, "--tree", "linux-6.1", "--cache", "cache")
        #expect(first.output == plain.output)
        let cache = folder.path.appending("cache")
        let name = try #require(try Files.list(cache).first)
        let whole = try Files.read(cache.appending(name))
        var damaged: [[UInt8]] = [
            [], Array(whole.prefix(40)), Array(whole.dropLast(7)), Array(repeating: 0xFF, count: 500),
        ]
        for place in stride(from: 0, to: whole.count, by: max(whole.count / 25, 1)) {
            var bytes = whole
            bytes[place] ^= 0x55
            damaged.append(bytes)
        }
        for bytes in damaged {
            try Files.write(bytes, to: cache.appending(name))
            let run = try verify(folder, "--tree", "linux-6.1", "--cache", "cache")
            #expect(run.status == 0 && run.output == plain.output)
            #expect(try Files.read(cache.appending(name)).count == whole.count)
        }
        #expect(try Files.list(cache) == [name])
    }

    // MARK: - Workers

    @Test func theReportDoesNotDependOnTheWorkers() throws {
        let folder = try scratch()
        try folder.write("patches/d.patch", (0..<12).map { Self.change("d/f\($0)", 24, "24!") }.joined())
        try folder.write("patches/series", "a.patch\nb.patch\nc.patch\nd.patch\n")
        for files in [[], ["d/f2", "d/f9", "d/f11"]] {
            for file in files { try folder.write("linux-6.1/" + file, Self.base.replacing("24\n", with: "x\n")) }
            let runs = try (1...8).map { try verify(folder, "--tree", "linux-6.1", "--jobs", "\($0)") }
            #expect(runs.allSatisfy { $0.status == runs[0].status && $0.output == runs[0].output })
            #expect(!runs[0].output.isEmpty && runs[0].status == 10)
        }
    }
}
