import Bytes
import Series
import SystemPackage
import TestSupport
import Testing

/// The ways in which a `%prep` can apply a patch: each is read, or is a gap; rpmbuild shows that it applies the patch.
@Suite struct SpecFormsTests {
    /// What becomes of a form.
    enum Reading: Sendable {
        /// The patch is listed, and there is no gap.
        case listed
        /// There is a gap at this line of the form, from 0.
        case gap(Int)
    }

    static let forms: [(prep: String, reading: Reading)] = [
        ("%patch -P 1 -p1", .listed), ("%autopatch -p1", .listed), ("%autopatch -p1 1", .listed),
        ("patch -p1 < %{PATCH1}", .listed), ("patch -sp1 -i %{PATCH1}", .listed),
        ("patch -p1 --input=%{PATCH1}", .listed), ("cat %{PATCH1} | patch -p1", .listed),
        ("xz -dc %{SOURCE2} | patch -p1", .listed), ("xzcat %{SOURCE2} | git apply -", .listed),
        ("git apply -p1 --whitespace=nowarn %{PATCH1}", .listed), ("git --work-tree=. apply < %{PATCH1}", .listed),
        ("LC_ALL=C patch -p1 < %{PATCH1}", .listed), ("A=b C=d patch -p1 < %{PATCH1}", .listed),
        ("time patch -p1 < %{PATCH1}", .listed), ("nice -n 5 patch -p1 < %{PATCH1}", .listed),
        ("env A=b patch -p1 < %{PATCH1}", .listed), ("command patch -p1 < %{PATCH1}", .listed),
        ("eval \"patch -p1 < %{PATCH1}\"", .listed), ("bash -c \"patch -p1 < %{PATCH1}\"", .listed),
        ("sh -ec 'patch -p1 < $1' x %{PATCH1}", .listed), ("sh %{SOURCE3} %{PATCH1}", .listed),
        ("set -- %{PATCH1}; . %{SOURCE3}", .listed), ("sh < %{SOURCE5}", .listed),
        ("cp %{SOURCE5} go; sh go", .listed),
        ("%{SOURCE3} %{PATCH1}", .listed), ("%{_sourcedir}/script %{PATCH1}", .listed),
        ("apply() { patch -p1 < $1; }\napply %{PATCH1}", .listed),
        ("apply() { p=$1; shift; patch \"$@\" < \"$p\"; }\napply %{PATCH1} -p1", .listed),
        ("cmd='patch -p1 -s'\napply() { $cmd ${1+\"$@\"} < \"$RPM_SOURCE_DIR/b.patch\"; }\napply", .listed),
        (
            "apply() {\n  case \"$1\" in\n  *.gz) exit 1 ;;\n  *.patch) patch -p1 < $1 ;;\n  esac\n}\napply %{PATCH1}",
            .listed
        ),
        ("for p in %{patches}; do patch -p1 < $p; done", .listed),
        ("for p in $RPM_SOURCE_DIR/b*.patch; do patch -p1 < $p; done", .listed),
        ("for p in b none; do [ $p = none ] || patch -p1 < %{_sourcedir}/$p.patch; done", .listed),
        ("while read p; do patch -p1 -i %{_sourcedir}/$p; done < %{SOURCE1}", .listed),
        ("cat %{SOURCE1} | while read p rest; do patch -p1 -i %{_sourcedir}/$p; done", .listed),
        ("for p in $(grep -v '^#' %{SOURCE1}); do patch -p1 -i %{_sourcedir}/$p; done", .listed),
        ("sed \"s!^!patch -p1 -F0 -s -i $RPM_SOURCE_DIR/!\" %{SOURCE1} | sh -e", .listed),
        ("cat %{SOURCE1} | sed 's!^!%{_sourcedir}/!' | xargs -n1 patch -p1 -i", .listed),
        ("echo %{PATCH1} | xargs -I{} patch -p1 -i {}", .listed),
        ("cp %{PATCH1} x.patch; patch -p1 < x.patch", .listed), ("( cd sub; patch -p1 -d .. < %{PATCH1} )", .listed),
        ("cat > go.sh <<EOF\npatch -p1 < %{PATCH1}\nEOF\nsh ./go.sh", .listed),
        ("sh <<EOF\npatch -p1 < %{PATCH1}\nEOF", .listed),
        ("true && patch -p1 < %{PATCH1}", .listed), ("false || patch -p1 < %{PATCH1}", .listed),
        ("if ! patch -p1 < %{PATCH1}; then exit 1; fi", .listed), ("patch -p1 < %{PATCH1} || exit 1", .listed),
        ("if [ ! -f %{PATCH1} ]; then exit 1; else patch -p1 < %{PATCH1}; fi", .listed),
        ("if [ -f a ]; then :; else exit 1; fi\npatch -p1 < %{PATCH1}", .listed),
        ("until patch -p1 < %{PATCH1}; do exit 1; done", .listed),
        ("trap 'patch -p1 < %{PATCH1}' EXIT", .gap(0)), ("exec patch -p1 < %{PATCH1}", .listed),
        ("%(echo patch -p1 -i %{PATCH1})", .listed),
        ("x=$(patch -p1 < %{PATCH1})", .listed), ("echo `patch -p1 < %{PATCH1}`", .listed),
        ("find %{_sourcedir} -name b.patch -exec patch -p1 -i {} \\;", .gap(0)),
        (
            "python3 -c 'import subprocess,sys; subprocess.check_call([\"patch\",\"-p1\",\"-i\",\"%{PATCH1}\"])'",
            .gap(0)
        ),
        ("perl -e 'system(\"patch -p1 < %{PATCH1}\") and die'", .gap(0)), ("make -f %{SOURCE4}", .gap(0)),
        ("%{lua:print(\"patch -p1 -i \" .. rpm.expand(\"%{PATCH1}\"))}", .gap(0)),
        ("ln -s %{PATCH1} l; patch -p1 < l", .gap(0)),
        ("echo one\necho two\nawk 'BEGIN { exit system(\"patch -p1 < %{PATCH1}\") }'", .gap(2)),
        ("case $UNSET_VARIABLE in x) ;; *) patch -p1 < %{PATCH1} ;; esac", .gap(0)),
        ("if make -v >/dev/null; then patch -p1 < %{PATCH1}; fi", .gap(0)),
        ("for p in ../../SOURCES/b*.patch; do patch -p1 < $p; done", .gap(0)),
        ("ls >/dev/null && patch -p1 < %{PATCH1}", .gap(0)),
        // What stands in front of a program.
        ("env -u FOO patch -p1 -i %{PATCH1}", .listed), ("env - /usr/bin/patch -p1 -i %{PATCH1}", .listed),
        ("env -C . patch -p1 -i %{PATCH1}", .gap(0)), ("env -S \"patch -p1 -i %{PATCH1}\"", .gap(0)),
        ("patch() { :; }; command patch -p1 -i %{PATCH1}", .listed),
        ("patch() { command patch \"$@\"; }\npatch -p1 -i %{PATCH1}", .listed),
        ("patch() { :; }; env patch -p1 -i %{PATCH1}", .listed),
        ("alias echo='patch -p1 -i %{PATCH1}'\necho", .gap(0)),
        (
            "mkdir bin; printf '#!/bin/sh\\npatch -p1 -i %{PATCH1}' > bin/ls; chmod +x bin/ls; PATH=$PWD/bin:$PATH; ls",
            .gap(0)
        ),
        // What variables and parameters are.
        ("f() { local p=x; }; p=%{PATCH1}; f; patch -p1 -i $p", .listed),
        ("set -- x; set %{PATCH1}; patch -p1 -i $1", .listed),
        ("bash -ec 'printf -v p %s %{PATCH1}; patch -p1 -i $p'", .gap(0)),
        ("bash -ec 'N=0; let N=1; patch -p$N -i %{PATCH1}'", .gap(0)),
        ("unset p; f() { p=%{PATCH1}; }; f; patch -p1 -i $p", .listed),
        ("p=x; IFS=:; set -- x:%{PATCH1}; l=x:%{PATCH1}; set $l; patch -p1 -i $2", .gap(0)),
        // Whether a patch would fit is a question that only the tree answers.
        ("if ! patch -R -p1 --dry-run -sf < %{PATCH1}; then patch -p1 < %{PATCH1}; fi", .gap(0)),
        ("patch -R -p1 --dry-run -sf < %{PATCH1} || patch -p1 < %{PATCH1}", .gap(0)),
        ("git init -q; git apply -R --check %{PATCH1} || git apply %{PATCH1}", .gap(0)),
        ("patch -p1 --dry-run < %{PATCH1}", .gap(0)),
        // Without -p only the last part of a name counts.
        ("patch < %{PATCH1}", .gap(0)),
    ]

    private static let head = """
        Name: kit
        Version: 1.0
        Release: 1
        Summary: x
        License: x
        Source0: kit-1.0.tar.gz
        Source1: series
        Source2: b.patch.xz
        Source3: script
        Source4: apply.mk
        Source5: fixed
        Patch1: b.patch
        %prep
        %setup -q

        """
    private static let tail = "\n%description\nx\n%files\n"

    private func scratch(_ prep: String) throws -> Scratch {
        let scratch = try Scratch()
        try #require(
            scratch.shell(
                """
                mkdir -p rpm/SPECS rpm/SOURCES kit-1.0/sub && seq 1 30 > kit-1.0/a && touch kit-1.0/sub/x && cd rpm/SOURCES &&
                tar czf kit-1.0.tar.gz -C ../.. kit-1.0 &&
                printf -- '--- a/a\\n+++ b/a\\n@@ -1,4 +1,4 @@\\n 1\\n-NOT THERE\\n+two\\n 3\\n 4\\n' > b.patch &&
                xz -k b.patch && echo b.patch > series && printf 'all:\\n\\tpatch -p1 < %s\\n' $PWD/b.patch > apply.mk &&
                printf '#!/bin/sh\\npatch -p1 < $1\\n' > script && chmod +x script &&
                printf 'patch -p1 < $RPM_SOURCE_DIR/b.patch\\n' > fixed
                """) == 0)
        try scratch.file("rpm/SPECS/kit.spec", Self.head + prep + Self.tail)
        return scratch
    }

    @Test(arguments: forms.indices) func isReadOrAGap(index: Int) throws {
        let (prep, reading) = Self.forms[index]
        let scratch = try scratch(prep)
        let series = try SeriesReader().read(scratch.path.pushing("rpm/SPECS/kit.spec"))
        switch reading {
        case .listed:
            #expect(series.gaps == [], "\(prep)")
            #expect(series.included.map { $0.name.hasPrefix("b.patch") } == [true], "\(prep)")
            #expect(series.included.map(\.strip) == [1], "\(prep)")
        case .gap(let line):
            let first = Self.head.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(series.gaps.first?.position.line == first + line, "\(prep): \(series.gaps)")
            #expect(throws: SeriesError.self) { try series.load() }
        }
    }

    /// The patch does not fit, so a build whose form applies it fails.
    @Test(.enabled(if: hasTool("rpmbuild"), "needs rpm"), arguments: forms.indices) func rpmbuildFails(index: Int)
        throws
    {
        let prep = Self.forms[index].prep
        // What only tells the patch's fate by what it prints, or does not get its status, shows it in the log.
        let scratch = try scratch(prep)
        let status = scratch.shell(
            "rpmbuild --define \"_topdir $PWD/rpm\" --nodeps -bp rpm/SPECS/kit.spec > log 2>&1")
        let log = try scratch.text("log")
        #expect(status != 0 || log.contains("FAILED"), "\(prep): \(log.suffix(800))")
        #expect(
            log.contains("FAILED") || log.contains("does not apply") || log.contains("patch failed"),
            "\(prep): \(log.suffix(800))")
    }

    /// Macros of rpm's that say how patches are applied.
    @Test(
        arguments: [
            ("%global _default_patch_flags --no-backup-if-mismatch -R", false),
            ("%global __patch /usr/bin/patch -R", false),
            ("%define __scm_apply_patch(qp:m:) false", false), ("%global __patch /opt/x/patch", false),
            ("%global _default_patch_flags -s --no-backup-if-mismatch", true), ("%global __patch /usr/bin/patch", true),
        ]) func redefined(macro: String, isPlain: Bool) throws
    {
        let scratch = try scratch("%patch -P 1 -p1")
        try scratch.file("rpm/SPECS/kit.spec", macro + "\n" + Self.head + "%patch -P 1 -p1" + Self.tail)
        let series = try SeriesReader().read(scratch.path.pushing("rpm/SPECS/kit.spec"))
        #expect(series.gaps.isEmpty == isPlain, "\(series.gaps)")
    }

    /// A patch of a folder inside the tree is not for the tree's top.
    @Test func inAFolderOfTheTree() throws {
        let scratch = try scratch("%patch -P 1 -p1\npushd sub\n%patch -P 1 -p2\npopd")
        let series = try SeriesReader().read(scratch.path.pushing("rpm/SPECS/kit.spec"))
        #expect(series.gaps.map(\.text) == ["'b.patch' is applied in a folder of the tree: sub"])
    }

    /// Commands that leave the tree alone are no gaps.
    @Test(arguments: [
        "echo x; set -e; export A=b; test -d x || true", "[ -n \"$X\" ] && echo x", "cat a > /dev/null 2>&1",
        "grep -q 1 a || echo none", "find . -name x -print | sort | uniq | wc -l", "sed -n 's/a/b/p' a | head -1",
        "awk '{ print $1 }' a", "A=$(uname -r | cut -d- -f1)", "if [ $(nproc) -gt 1 ]; then echo x; fi",
        "git init -q; git add .; git commit -qm x", "sha256sum a > /tmp/x", "for i in 1 2; do echo $i; done",
        "diff a a && echo same", "f() { echo $1; }; f x", "case $Y in a) echo a ;; *) : ;; esac",
        "while read l; do echo $l; done < a", "rm -rf %{buildroot}/x", "( echo x; echo y ) | cat",
        "export PATH=/opt/x/bin:$PATH", "set -- a b", "f() { local x=1; }; f", "env A=b", "sort -u a", "unset X",
        "hash -r",
        "git config user.name x", "let N=1 || :", "printf -v X %s y", "git apply --stat %{PATCH1}",
        "if git apply --check %{PATCH1}; then echo fits; fi",
    ]) func isHarmless(prep: String) throws {
        let scratch = try scratch("%patch -P 1 -p1\n" + prep)
        let series = try SeriesReader().read(scratch.path.pushing("rpm/SPECS/kit.spec"))
        #expect(series.gaps == [], "\(prep)")
        #expect(series.included.map(\.name) == ["b.patch"])
    }

    /// Commands that change the tree, or may.
    @Test(arguments: [
        "unknown", "./configure", "sub/x", "make", "make all", "python3 x.py", "perl x.pl", "sh configure", ". ./x",
        "echo x | sh -s x", "tar xf a", "unzip a", "cpio -id < a", "patch < /tmp/x", "$UNKNOWN a", "x=$(./y)",
        "`cat a`",
        "ed - a < x", "sed 's/a/b/w c' a", "find . -exec ./x {} +", "awk '{ print > \"x\" }' a", "git checkout x",
        "git reset --hard", "git apply --directory=x %{PATCH1}", "git stash", "xargs ./x < a", "if ./x; then echo; fi",
        "for i in *; do ./$i; done", "cd $UNKNOWN", "mv a %{undefined_macro}", "install -T x y", "%undefined_macro x",
        "%patch -P 1 -p1 -o out", "exit 1", "curl -O x", "wget x", "rsync -a x y", "dd if=a of=b", "cp -r /etc/x $Z",
        "(cd sub; ./x)", "{ ./x; }", "true; ./x & wait", "test -d $X || ./x", "a && ./x", "! ./x", "cat a | ./x",
        "./x | cat",
        "until ./x; do sleep 1; done", "echo x > $Z", "tee $Z < a", "rm -rf $Z", "bash -x", "source $Z", "eval $Z",
        "trap ./x EXIT", "cat < <(./x)", "coproc ./x", "%include /x", "ninja", "cmake .", "autoreconf -fi", "2to3 -w a",
        "sort -uo a a", "sort --outp=a a", "xxd a b", "cpp a b", "dc -e '!./x'", "git diff --output=x",
        "git log --output x",
        "git config apply.whitespace fix", "git config -f x a.b c", "git -c apply.whitespace=fix status", "set -f",
        "set -n",
        "set -o noglob", "shopt -s lastpipe", "declare -n a=b", "rpm --eval '%%(./x)'", "python3 -v < a",
        "sed 's_a_b_w c' a", "awk -E x a", "gpgv --output x a", "hash -p ./x ls",
        "POSIXLY_CORRECT=1 patch -p1 < %{PATCH1}",
        "export QUILT_PATCH_OPTS=-R; quilt push -a", "file -C -m a",
    ]) func isAGap(prep: String) throws {
        let scratch = try scratch("%patch -P 1 -p1\n" + prep)
        let series = try SeriesReader().read(scratch.path.pushing("rpm/SPECS/kit.spec"))
        #expect(
            series.gaps.first?.position.line == Self.head.split(separator: "\n", omittingEmptySubsequences: false).count
                + 1, "\(prep): \(series.gaps)")
        #expect(throws: SeriesError.self, "\(prep)") { try series.load() }
    }
}
