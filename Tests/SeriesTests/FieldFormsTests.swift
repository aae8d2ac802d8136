import Bytes
import Series
import SystemPackage
import TestSupport
import Testing

/// The forms in which series lie about in the field.
@Suite struct FieldFormsTests {
    static func patch(_ name: String) -> String { "--- a/\(name)\n+++ b/\(name)\n@@ -1 +1 @@\n-old\n+new\n" }

    /// A folder with files.
    func folder(_ files: [String: String]) throws -> Scratch {
        let folder = try Scratch()
        for (name, text) in files {
            let path = folder.path.pushing(FilePath(name))
            try Files.createDirectories(path.removingLastComponent())
            try Files.write(text, to: path)
        }
        return folder
    }

    func names(_ path: FilePath, dialect: SeriesDialect? = nil) throws -> [String] {
        try SeriesReader(dialect: dialect).read(path).load().patches.map(\.entry.name)
    }

    static let mails = ["0001-a.patch": patch("a"), "0002-b.patch": patch("b")]

    @Test("mails in a folder called 'series', and in one beside such a folder")
    func folderCalledSeries() throws {
        let folder = try folder(
            Dictionary(uniqueKeysWithValues: Self.mails.flatMap { [("series/" + $0, $1), ("mails/" + $0, $1)] }))
        for name in ["series", "mails"] {
            let series = try SeriesReader().read(folder.path.appending(name))
            #expect(series.dialect == .git)
            #expect(try series.load().patches.map(\.entry.name) == ["0001-a.patch", "0002-b.patch"])
        }
    }

    @Test(
        "one message as a mail program saves it, its body encoded",
        arguments: [
            ("base64", "LS0tIGEvYQorKysgYi9hCkBAIC0xICsxIEBACi1vbGQKK25ldwo=\n"),
            ("quoted-printable", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-o=\nld\n+ne=77\n"),
        ])
    func rawMail(encoding: String, body: String) throws {
        let text =
            "Subject: [PATCH] xen: change a\nFrom: A <a@b>\nContent-Type: text/plain\n"
            + "Content-Transfer-Encoding: \(encoding)\n\n\(body)"
        let folder = try folder(["a.eml": text, "mails/0001-a.patch": text])
        for path in ["a.eml", "mails"] {
            let patch = try #require(try SeriesReader().read(folder.path.appending(path)).load().patches.first)
            #expect(
                patch.blob.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.hasSuffix(Self.patch("a")), "\(path)"
            )
        }
    }

    @Test("a mailbox that is compressed")
    func compressedMailbox() throws {
        let folder = try folder([:])
        let message = { (name: String) in
            "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] \(name)\n\n"
                + Self.patch(name) + "\n"
        }
        guard let packed = output("gzip", ["-c"], input: Array((message("a") + message("b")).utf8)) else {
            try Test.cancel("the tool gzip is not on this machine")
        }
        try Files.write(packed, to: folder.path.appending("m.mbox.gz"))
        #expect(try names(folder.path.appending("m.mbox.gz")) == ["0001-a.patch", "0002-b.patch"])
    }

    @Test("patches whose names begin with numbers, as in OpenWrt; without them only if asked for")
    func numbers() throws {
        let openWrt = try folder(["100-a.patch": Self.patch("a"), "950-0001-b.patch": Self.patch("b")])
        #expect(try names(openWrt.path) == ["100-a.patch", "950-0001-b.patch"])
        // Numbers that say another order than the names do.
        let unclear = try folder(["9-a.patch": Self.patch("a"), "10-b.patch": Self.patch("b")])
        let plain = try folder(["xen-b.patch": Self.patch("b"), "fix-a.patch": Self.patch("a")])
        for folder in [unclear, plain] {
            #expect(throws: SeriesError.self) { try SeriesReader().read(folder.path) }
        }
        #expect(try names(plain.path, dialect: .patch) == ["fix-a.patch", "xen-b.patch"])
    }

    @Test("quilt's series beside the folder of its patches, or in it")
    func besidePatches() throws {
        let beside = try folder(["series": "a.patch\n", "patches/a.patch": Self.patch("a")])
        let inside = try folder(["patches/series": "a.patch\n", "patches/a.patch": Self.patch("a")])
        #expect(try names(beside.path) == ["a.patch"])
        #expect(try names(beside.path.appending("series")) == ["a.patch"])
        #expect(try names(inside.path) == ["a.patch"])
    }
}
