import Bytes
import Diagnostics
import Series
import SystemPackage
import TestSupport
import Testing

/// A patch that changes one file from `old` to `new`.
func patch(_ file: String = "a", from old: String = "old", to new: String = "new", header: String = "") -> [UInt8] {
    Array("\(header)--- a/\(file)\n+++ b/\(file)\n@@ -1 +1 @@\n-\(old)\n+\(new)\n".utf8)
}

/// `git format-patch` mail.
func mail(_ subject: String, _ number: Int, _ body: [UInt8]) -> [UInt8] {
    let hash = String(repeating: "\(number)", count: 40)
    return Array(
        "From \(hash) Mon Sep 17 00:00:00 2001\nFrom: A <a@example.invalid>\nSubject: [PATCH \(number)/2] \(subject)\n\nText.\n\n---\n a | 2 +-\n"
            .utf8)
        + Array("diff --git a/a b/a\n".utf8) + body + Array("-- \n2.30.2\n\n".utf8)
}

@Suite struct SeriesReaderTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["one.patch", "sub/two.patch", "three.patch"] {
            try scratch.file("patches/\(name)", patch(to: name))
        }
    }

    private func read(_ path: String, _ dialect: SeriesDialect? = nil, guards: Set<String> = []) throws -> PatchSeries {
        try SeriesReader(dialect: dialect, guards: guards).read(scratch.path.appending(path))
    }

    @Test func quilt() throws {
        let text = "# head\n\none.patch\n  sub/two.patch -p0 -R # why\n\tthree.patch\t-pab #a #b\r\n"
        try scratch.file("patches/series", Array(text.utf8))
        let series = try read("patches")
        #expect(series.dialect == .quilt && series.name == "patches")
        #expect(series.entries.map(\.name) == ["one.patch", "sub/two.patch", "three.patch"])
        #expect(series.entries.map(\.strip) == [1, 0, 1])
        #expect(series.entries.map(\.reverse) == [false, true, false])
        #expect(series.entries.map(\.position.line) == [3, 4, 5])
        #expect(series.entries.map(\.comment) == [nil, " why", "a #b"])
        #expect(series.lines.prefix(2) == [.text("# head"), .text("")])
        let loaded = try series.load()
        #expect(loaded.inputs.map(\.name) == series.entries.map(\.name))
        #expect(loaded.inputs[1].strip == 0 && loaded.inputs[1].reverse)
    }

    /// Packages of the Lenny era keep their lists in a folder of that name; a quilt series may be in one, too.
    @Test func aFolderCalledSeries() throws {
        try scratch.file("series/one.patch", patch())
        try scratch.file("series/series", Array("one.patch\n".utf8))
        let series = try read("series")
        #expect(series.dialect == .quilt && series.entries.map(\.name) == ["one.patch"])
    }

    @Test(arguments: [
        ("one.patch -F3", ":1: the option '-F3'"), ("ok\n../x.patch", ":2: the name '../x.patch'"),
        ("/etc/passwd", ":1: "),
        ("a/../../x", ":1: "), ("one.patch -p-1", ":1: "), ("one.patch -p99999999999999999999", ":1: "),
    ])
    func malformedLines(text: String, hint: String) throws {
        try scratch.file("patches/series", Array(text.utf8))
        do {
            _ = try read("patches")
            Issue.record("it was read")
        } catch let error as SeriesError {
            #expect(error.category == .malformedInput)
            #expect(error.message.contains(hint), "\(error.message)")
        }
    }

    @Test func debianIgnoresOptions() throws {
        try scratch.file("debian/patches/series", Array("one.patch -p0\n # indented\n".utf8))
        try scratch.file("debian/patches/one.patch", patch())
        for path in ["", "debian/patches", "debian/patches/series"] {
            let series = try read(path)
            #expect(series.dialect == .debian)
            #expect(series.entries.map(\.strip) == [1])
            #expect(series.remarks.count == 2)
        }
    }

    @Test func suse() throws {
        let text = """
            # Kernel series
            \tone.patch
            +xen\tsub/two.patch # for xen
            -armv7hl +!x86_64 three.patch +x86_64 one.patch
            \t\\
            \tthree.patch
            a#b.patch
            """
        try scratch.file("patches/series.conf", Array(text.utf8))
        let none = try read("patches")
        #expect(none.dialect == .suse)
        #expect(
            none.entries.map(\.name) == [
                "one.patch", "sub/two.patch", "three.patch", "one.patch", "three.patch", "a#b.patch",
            ])
        #expect(none.entries.map(\.isIncluded) == [true, false, true, true, true, true])
        #expect(none.entries.map(\.position.line) == [2, 3, 4, 4, 5, 7])
        let xen = try read("patches", guards: ["xen", "x86_64"])
        #expect(xen.entries.map(\.isIncluded) == [true, true, true, true, true, true])
        let arm = try read("patches", guards: ["armv7hl"])
        #expect(arm.entries.map(\.isIncluded) == [true, false, true, true, true, true])
        #expect(arm.entries[3].guards == ["-armv7hl", "+!x86_64", "+x86_64"])
    }

    @Test(arguments: [
        ("", "", true), ("+x", "", false), ("+x", "x", true), ("-x", "", true), ("-x", "x", false), ("-", "", false),
        ("+", "", true),
        ("+!x", "", true), ("+!x", "x", false), ("-!x", "x", true), ("-!x", "", false), ("+x -y", "x y", false),
        ("-y +x", "x y", true), ("-y +x", "y", false), ("+x -x", "x", false), ("- +x", "x", true),
    ])
    func guards(guards: String, defined: String, included: Bool) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        #expect(Guards.include(words(guards), defined: Set(words(defined))) == included)
    }

    @Test(arguments: ["+xen", "+!", "a \\"]) func malformedGuards(text: String) throws {
        try scratch.file("patches/series.conf", Array(text.utf8))
        #expect(throws: SeriesError.self) { try read("patches") }
    }

    @Test func mailboxes() throws {
        let cover = Array(
            "From \(String(repeating: "0", count: 40)) Mon Sep 17 00:00:00 2001\nSubject: [PATCH 0/2] all\n\ntext\n\n"
                .utf8)
        let first = mail("xen: add a thing", 1, patch())
        let second = mail("and: another", 2, patch(from: "new", to: "newer"))
        try scratch.file("box", cover + first + second)
        let series = try read("box")
        #expect(series.dialect == .git)
        #expect(series.entries.map(\.name) == ["0001-xen-add-a-thing.patch", "0002-and-another.patch"])
        #expect(series.entries.map(\.content) == [.bytes(first), .bytes(second)])
        try scratch.file("single", first)
        #expect(try read("single").dialect == .patch)
        let encoded = Array(
            String(decoding: first, as: UTF8.self).replacing(
                "Subject", with: "Content-Transfer-Encoding: x-own\nSubject"
            ).utf8)
        try scratch.file("encoded", encoded + second)
        #expect(throws: SeriesError.self) { try read("encoded") }
    }

    /// Mail as it comes from lists, with git am as the judge.
    @Test(
        .enabled(if: hasTool("git")), arguments: ["8bit", "quoted-printable", "base64"],
        ["mboxrd@z", "git@z", "format-patch"])
    func encodedMail(encoding: String, sender: String) throws {
        let made = shell(
            #"""
            set -e
            export GIT_CONFIG_GLOBAL=/dev/null; mkdir r; cd r; git init -q .; git config user.email t@example.invalid; git config user.name T
            printf 'a = b\n\nlast=\n' > f; git add f; git commit -qm base
            printf 'a = \303\244\n\n\tb = =3D=\nlast=\n' > f; git commit -qam 'one: equals'
            seq 1 30 | tr '\n' ' ' >> f; git commit -qam 'two: a long line that has no end'
            git format-patch -2 -q --cover-letter -o ../m; cd ..
            python3 - <<'P'
            import base64, glob, quopri
            box = patches = b''
            for name in sorted(glob.glob('m/*.patch')):
                data = open(name, 'rb').read()
                head, body = data.split(b'\n\n', 1)
                lines = [l for l in head.split(b'\n') if not l.startswith(b'Content-Transfer-Encoding')]
                start = lines[0] if '\#(sender)' == 'format-patch' else b'From \#(sender) Thu Jan  1 00:00:00 1970'
                code = '\#(encoding)'
                body = body if code == '8bit' else quopri.encodestring(body) if code == 'quoted-printable' else base64.encodebytes(body)
                message = start + b'\n' + b'\n'.join(lines[1:]) + b'\nContent-Transfer-Encoding: ' + code.encode() + b'\n\n' + body + b'\n'
                box += message
                patches += b'' if '0000-' in name else message
            open('box', 'wb').write(box)
            open('patches-only', 'wb').write(patches)
            P
            cp -a r want; cp -a r got; (cd want; git reset -q --hard HEAD~2; git am -q ../patches-only)
            (cd got; git reset -q --hard HEAD~2)
            """#, in: scratch.path)
        try #require(made == 0)
        let series = try read("box")
        #expect(series.entries.map(\.name) == ["0001-one-equals.patch", "0002-two-a-long-line-that-has-no-end.patch"])
        for patch in try series.load().patches {
            try scratch.file("one", patch.blob.bytes)
            #expect(shell("cd got && git apply ../one", in: scratch.path) == 0, "\(patch.entry.name)")
        }
        #expect(shell("cmp want/f got/f && cmp want/f r/f", in: scratch.path) == 0)
    }

    @Test func mailThatCannotBeRead() throws {
        for (name, change) in [
            ("multipart", "Content-Type: multipart/mixed; boundary=x"), ("broken", "Content-Transfer-Encoding: base64"),
            ("unknown", "Content-Transfer-Encoding: rot13"),
        ] {
            let message = Array(
                String(decoding: mail("m", 1, patch()), as: UTF8.self).replacing(
                    "Subject:", with: change + "\nSubject:"
                ).utf8)
            try scratch.file(name, message + mail("n", 2, patch()))
            #expect(throws: SeriesError.self, "\(name)") { try read(name) }
        }
    }

    @Test func folderOfMail() throws {
        for (number, name) in ["0000-cover-letter.patch", "0002-b.patch", "0001-a.patch"].enumerated() {
            try scratch.file("out/\(name)", mail("m", number, patch()))
        }
        #expect(try read("out").entries.map(\.name) == ["0001-a.patch", "0002-b.patch"])
    }

    @Test func compressedPatches() throws {
        #expect(shell("cd patches && gzip one.patch && bzip2 sub/two.patch && xz three.patch", in: scratch.path) == 0)
        try scratch.file("patches/series", Array("one.patch.gz\nsub/two.patch.bz2\nthree.patch.xz\n".utf8))
        let loaded = try read("patches").load()
        #expect(
            loaded.patches.map(\.blob.bytes) == [
                patch(to: "one.patch"), patch(to: "sub/two.patch"), patch(to: "three.patch"),
            ])
        #expect(try loaded.patches[0].digest == Digest(ofFile: scratch.path.appending("patches/one.patch.gz")))
    }

    @Test func digestIsThatOfSha256sum() throws {
        try scratch.file("patches/series", Array("one.patch\nsub/two.patch\n".utf8))
        let digest = try read("patches").load().digest
        #expect(
            shell("cd patches && sha256sum $(cat series) | sha256sum | grep -q '^\(digest) '", in: scratch.path) == 0)
        try scratch.file("patches/series", Array("sub/two.patch\none.patch\n".utf8))
        #expect(try read("patches").load().digest != digest)
        try scratch.file("patches/series", Array("one.patch\nsub/two.patch -R\n".utf8))
        #expect(try read("patches").load().digest != digest)
    }

    @Test func whatIsNoSeries() throws {
        try scratch.file("text", Array("hello\n".utf8))
        try scratch.file("empty/README", Array("hello\n".utf8))
        for (path, category) in [
            ("text", ErrorCategory.malformedInput), ("empty", .malformedInput), ("gone", .missingInput),
            ("patches", .malformedInput),
        ] {
            do {
                _ = try read(path)
                Issue.record("\(path) was read")
            } catch let error as SeriesError {
                #expect(error.category == category, "\(path)")
            }
        }
        try scratch.file("patches/series", Array("one.patch\ngone.patch\n".utf8))
        do {
            _ = try read("patches").load()
            Issue.record("a missing patch was loaded")
        } catch let error as SeriesError {
            #expect(error.category == .missingInput && error.message.contains("series:2"))
        }
    }

    @Test(.enabled(if: hasTool("quilt"), "quilt is missing: apt-get install quilt")) func sameAsQuilt() throws {
        let text = "# c\n\none.patch  # x\n  sub/two.patch -p1\nthree.patch -p1 -R\n"
        try scratch.file("patches/series", Array(text.utf8))
        #expect(
            shell("quilt --quiltrc - series > got; sed 's,^patches/,,' got > names", in: scratch.path) == 0)
        let names = String(decoding: try Files.read(scratch.path.appending("names")), as: UTF8.self)
        #expect(try read("patches").entries.map(\.name) == names.split(separator: "\n").map(String.init))
    }
}
