import Bytes
import SystemPackage
import TestSupport
import Testing

/// `rebase --check-build` on trees whose makefile has the targets of Kbuild that the kit asks for, with a real compiler.
@Suite(.enabled(if: hasTools("make", "gcc", "diff"), "needs make, gcc and diff"))
struct RebaseBuildTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir -p old/init old/kernel old/scripts old/arch/x86 s
                {
                    printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n'
                    printf 'defconfig:\n\t@echo CONFIG_XEN=y > $(O)/.config\nprepare:\n\t@test -f $(CURDIR)/init/ready\n'
                    printf 'kernel/%%.o: kernel/%%.c\n\t@echo "  CC      $@"; mkdir -p $(dir $(O)/$@); gcc -Wall -c $(CURDIR)/$< -o $(O)/$@\n'
                } > old/Makefile
                printf 'mainmenu "none"\n' > old/Kconfig; touch old/init/ready
                seven() { printf 'int %s(int);\nint %s(int x)\n{\n\tint y = 1;\n\n\ty += x;\n\treturn y;\n}\n' $1 $1; }
                for f in a b c; do seven $f > old/kernel/$f.c; done; printf '\n#define OLD 1\n' > old/kernel/k.h
                cp -r old new
                # $1: the patch, $2: the file, $3: what is done to it.
                make() {
                    cp -r old w; sed -i "$3" w/$2
                    { printf 'Subject: %s\n\n' $1; diff -pu --label a/$2 --label b/$2 old/$2 w/$2 || true; } > s/$1.patch; rm -rf w
                }
                make good kernel/a.c 's/y += x/y += x + 1/'; make warns kernel/b.c 's/y += x/y += x * LIMIT/'
                make fails kernel/c.c 's/y += x/y += helper(x)/'; make header kernel/k.h 's/OLD 1/OLD 2/'
                for t in old new; do sed -i '1i static inline int helper(int x) { return x; }\n#define LIMIT 3' $t/kernel/b.c $t/kernel/c.c; done
                # Upstream's helper takes nothing any more, and its LIMIT is not all used.
                sed -i 's/int helper(int x) { return x; }/int helper(void) { return 1; }/;s/LIMIT 3/LIMIT ({ int z; 3; })/' new/kernel/[bc].c
                """#)
    }

    private func check(_ names: String..., options: [String] = []) throws -> [String: Any] {
        try folder.write("s/series", names.map { $0 + ".patch\n" }.joined())
        return try folder.json(
            [
                "rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out", "--check-build", "--format",
                "json",
            ] + options)
    }

    private func build(_ json: [String: Any]) -> [String: Any] { json["build"] as? [String: Any] ?? [:] }

    private func new(_ json: [String: Any]) -> [String] {
        (build(json)["new"] as? [[String: Any]] ?? []).map { "\($0["severity"] ?? "") \($0["file"] ?? "")" }
    }

    @Test("what compiles as before passes; headers are told, and nothing is left behind")
    func passes() throws {
        let json = try check("good", "header")
        #expect(json["verdict"] as? String == "pass", "\(json)")
        let compiled = build(json)["compiled"] as? [[String: Any]] ?? []
        #expect(compiled.map { $0["file"] as? String } == ["kernel/a.c"])
        #expect(compiled.allSatisfy { $0["succeeded"] as? Bool == true && $0["inOldTree"] as? Bool == true })
        let left = build(json)["notCompiled"] as? [[String: Any]] ?? []
        #expect(left.map { "\($0["file"] ?? "") \($0["reason"] ?? "")" } == ["kernel/k.h no-object"])
        #expect(try Files.list(folder.path).sorted() == ["make.sh", "new", "old", "out", "s", "stderr"])
        #expect(
            try Files.list(folder.path.appending("old")).sorted() == [
                "Kconfig", "Makefile", "arch", "init", "kernel", "scripts",
            ])
    }

    @Test("a new warning warns, and a new error fails, though every patch was moved")
    func messages() throws {
        let warned = try check("warns")
        #expect(warned["verdict"] as? String == "warn" && new(warned) == ["warning kernel/b.c"], "\(warned)")
        #expect(shell("rm -r out", in: folder.path) == 0)
        let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out", "--check-build"]
        #expect(try folder.dom0kit(arguments + ["--strict"]).status == 11)
        #expect(shell("rm -r out", in: folder.path) == 0)
        let failed = try check("fails", "good")
        #expect(failed["verdict"] as? String == "fail", "\(failed)")
        #expect(new(failed) == ["error kernel/c.c"], "\(failed)")
        #expect(shell("rm -r out", in: folder.path) == 0)
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 30 && run.output.contains("no object  kernel/c.c\n"), "\(run)")
    }

    @Test("what cannot be compiled is told, and is no pass")
    func gaps() throws {
        // Make has no rule for it in the new tree.
        #expect(
            shell(
                "sed -i 's,^kernel/%.o: ,kernel/%.o: kernel/none ,' new/Makefile; rm -f new/kernel/none",
                in: folder.path) == 0)
        let open = try check("good")
        #expect(open["verdict"] as? String == "unknown", "\(open)")
        let left = build(open)["notCompiled"] as? [[String: Any]] ?? []
        #expect(left.map { "\($0["file"] ?? "") \($0["reason"] ?? "")" } == ["kernel/a.c not-configured"])
        // The tree cannot be prepared.
        #expect(shell("rm -r out old/init/ready", in: folder.path) == 0)
        let unprepared = try check("good")
        #expect(unprepared["verdict"] as? String == "unknown", "\(unprepared)")
        #expect((build(unprepared)["obstacles"] as? [String])?.first?.hasPrefix("old tree: ") == true)
        // A tree that is none.
        #expect(shell("rm -r out; rm -r old/scripts", in: folder.path) == 0)
        let run = try folder.dom0kit(
            "rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out", "--check-build")
        #expect(run.status == 65 && run.errors.contains("it has no folder 'scripts'"), "\(run)")
        #expect(!Files.exists(folder.path.appending("out")))
        #expect(
            try folder.dom0kit("rebase", "--from", "old", "--to", "new", "--series", "s", "--dry-run", "--config", "x")
                .status
                == 64)
    }
}
