import Bytes
import SystemPackage
import TestSupport
import Testing

/// What a series may bring that is no plain patch, and what a run may meet.
@Suite(.enabled(if: hasTools("diff", "patch", "git"), "needs diff, patch and git"))
struct RebaseBadInputTests {
    private let folder: CommandFolder

    /// Files with other line ends, and with bytes that are no text.
    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir -p old/d s
                seq 1 40 | sed 's/$/\r/' > old/d/crlf; seq 1 40 > old/d/plain; cp old/d/crlf old/d/both
                head -c 3000 /dev/zero | tr '\0' '\1' > old/d/image; printf '\0' >> old/d/image; cp old/d/image old/d/same
                printf 'VERSION = 6\n' > old/Makefile
                cp -r old new
                sed -i 's/^20\r$/twenty\r/' new/d/crlf; sed -i 's/^22\r$/upstream\r/' new/d/both; sed -i 's/^20$/twenty/' new/d/plain
                printf 'more\0' >> new/d/image
                cp -r old w
                sed -i 's/^22\r$/patched\r/' w/d/crlf w/d/both; sed -i 's/^22$/patched/' w/d/plain; printf 'ours\0' >> w/d/image; printf 'ours\0' >> w/d/same
                mv old a; mv w b
                for f in crlf both plain image same; do
                    { printf 'Subject: %s\n\n' $f; git diff --no-index --binary --no-prefix a/d/$f b/d/$f || true; } > s/$f.patch
                done
                mv a old; rm -r b
                """#)
    }

    private let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out"]

    private func verdicts() throws -> [String] {
        let json = try folder.json(arguments + ["--format", "json"])
        return (json["patches"] as? [[String: Any]])?.compactMap { $0["verdict"] as? String } ?? []
    }

    @Test("lines that end with CR LF are merged as they are, and stay so")
    func carriageReturns() throws {
        try folder.write("s/series", "crlf.patch\nplain.patch\n")
        #expect(try verdicts() == ["merged", "merged"])
        #expect(shell("cd new && git apply ../out/crlf.patch ../out/plain.patch", in: folder.path) == 0)
        #expect(
            shell(
                "grep -qx \"twenty$(printf '\\r')\" new/d/crlf && grep -qx \"patched$(printf '\\r')\" new/d/crlf",
                in: folder.path)
                == 0)
        #expect(
            shell(
                "test $(grep -c \"$(printf '\\r')\" new/d/crlf) = 40 && ! grep -q \"$(printf '\\r')\" new/d/plain",
                in: folder.path) == 0)
    }

    @Test("a conflict of such lines is solved with such lines")
    func conflict() throws {
        try folder.write("s/series", "both.patch\n")
        #expect(try verdicts() == ["conflict"])
        let file = "out/conflicts/both.patch/files/d/both"
        #expect(shell("sed -i '/^<<<<<<</,/^>>>>>>>/c\\patched upstream\\r' \(file)", in: folder.path) == 0)
        let run = try folder.dom0kit("rebase", "--continue", "--into", "out")
        #expect(run.status == 0, "\(run)")
        #expect(try folder.text("out/both.patch").contains("-upstream\r\n+patched upstream\r\n"))
    }

    @Test("a binary patch fits where the file is the same; where upstream has another one it is a conflict, and kept")
    func binary() throws {
        try folder.write("s/series", "image.patch\nsame.patch\nplain.patch\n")
        #expect(try verdicts() == ["conflict", "fits", "merged"])
        #expect(try folder.text("out/same.patch") == folder.text("s/same.patch"))
        #expect(try folder.text("out/conflicts/image.patch/patch") == folder.text("s/image.patch"))
        #expect(
            try folder.text("out/conflicts/image.patch/about").contains(
                "d/image: it is a binary file that upstream has changed"))
        #expect(
            shell("cd new && git apply ../out/same.patch && cmp -s d/same ../old/d/same; test $? = 1", in: folder.path)
                == 0)
    }

    @Test("a series from standard input is moved in a dry run, and refused where it would have to be gone on with")
    func standardInput() throws {
        let command = "\"$PROGRAM\" rebase --from old --to new --series - "
        let program = ["PROGRAM": CommandFolder.program.path]
        func status(_ options: String) throws -> Int32 {
            try run(
                "sh", ["-c", "cd '\(folder.path)' && \(command)\(options) < s/plain.patch > said 2>&1"],
                environment: program
            ).status
        }
        #expect(try status("--dry-run") == 0)
        #expect(try status("--into out") == 64)
        #expect(try folder.text("said").contains("standard input could not be gone on with"))
        #expect(!Files.exists(folder.path.appending("out")))
    }

    @Test("resolutions from elsewhere that are damaged, alien or contradict each other are named, and not used")
    func resolutions() throws {
        try folder.write("s/series", "both.patch\n")
        func resolution(_ answer: String, _ title: String = "dom0kit resolution 1") -> String {
            "\(title)\nkind: lines\npatch: x\nfile: d/both\nbase\n| 22\r\nours\n< patched\r\ntheirs\n> upstream\r\nanswer\n= \(answer)\r\n"
        }
        for (name, text) in [
            ("alien", "hello\n"), ("newer", resolution("x", "dom0kit resolution 9")),
            ("cut", String(resolution("x").prefix(60))), ("marks", resolution("<<<<<<< mine")),
        ] {
            try folder.write("r/\(name).resolution", text)
        }
        let told = try folder.dom0kit(arguments + ["--resolutions", "r"])
        #expect(told.status == 10, "\(told)")
        for name in ["alien", "newer", "cut", "marks"] {
            #expect(told.output.contains("r/\(name).resolution: "), "\(name): \(told.output)")
        }
        #expect(shell("rm -r out r", in: folder.path) == 0)
        // One that answers is used, and named; with another that says something else none is.
        try folder.write("r/one.resolution", resolution("both"))
        let one = try folder.dom0kit(arguments + ["--resolutions", "r"])
        #expect(one.status == 0 && one.output.contains("remembered (derived)"), "\(one)")
        #expect(try folder.text("out/both.patch").contains("+both\r\n"))
        #expect(shell("rm -r out", in: folder.path) == 0)
        try folder.write("r/two.resolution", resolution("neither"))
        let two = try folder.dom0kit(arguments + ["--resolutions", "r"])
        #expect(two.status == 10 && two.output.contains("it says something else than"), "\(two)")
    }
}
