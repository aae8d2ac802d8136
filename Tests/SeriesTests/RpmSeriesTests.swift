import Bytes
import Diagnostics
import Series
import SystemPackage
import TestSupport
import Testing

/// RPM specs, with rpmbuild as the judge.
@Suite struct RpmSeriesTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let made = shell(
            """
            set -e
            mkdir -p rpm/SPECS rpm/SOURCES kit-1.0/sub; seq 1 30 > kit-1.0/a; seq 1 30 > kit-1.0/sub/b
            tar czf rpm/SOURCES/kit-1.0.tar.gz kit-1.0; cp -a kit-1.0 orig
            step() { (cd orig; :); sed -i "$2" kit-1.0/$3; diff -Nru orig kit-1.0 > rpm/SOURCES/$1 || :; rm -rf orig; cp -a kit-1.0 orig; }
            step one.patch s/^3$/three/ a; step two.patch s/^20$/twenty/ a; step three.patch s/^9$/nine/ sub/b; step four.patch s/^15$/fifteen/ sub/b
            cp rpm/SOURCES/four.patch four; bzip2 rpm/SOURCES/two.patch
            """, in: scratch.path)
        try #require(made == 0)
    }

    private static let head =
        "Name: kit\nVersion: 1.0\nRelease: 1\nSummary: x\nLicense: x\nSource0: http://x.invalid/%{name}-%{version}.tar.gz\n"
    private static let tail = "\n%description\nx\n%files\n"

    static let specs = [
        // The way of CentOS 5: numbers, conditionals, backups, compressed patches, comments.
        """
        %define includexen 1
        Patch1: one.patch
        Patch20: two.patch.bz2
        Patch204: four.patch
        %if %{includexen}
        Patch950: three.patch
        %endif
        %ifarch noarchatall
        Patch951: gone.patch
        %endif
        %prep
        %setup -q
        %patch1 -p1
        %patch20 -p1
        #%%patch204 -p1
        %if %{includexen}
        %patch950 -p1 -b .p.xen
        find . -name '*.p.xen' -exec rm {} \\;
        %endif
        """,
        // Numbers and order are independent; -P, and macros in names.
        """
        %global which three
        %{?undefined_thing:Patch9: gone.patch}
        Patch7: %{which}.patch
        Patch: four.patch
        Patch3: one.patch
        %prep
        %setup -q -n %{name}-%{version}
        %patch3 -p1
        %patch -P 7 -p1
        %if "%{which}" == "three" && (1 + 1 >= 2 || !0)
        %patch -P8 -p1
        %else
        %patch 1
        %endif
        """,
        // The way of RHEL 6: a shell function.
        """
        Patch1: one.patch
        Patch2: two.patch.bz2
        %prep
        ApplyPatch()
        {
          local patch=$1
          shift
          case "$patch" in
          *.bz2) bunzip2 < %{_sourcedir}/$patch | patch -p1 -F1 -s ${1+"$@"} ;;
          *) patch -p1 -F1 -s ${1+"$@"} < %{_sourcedir}/$patch ;;
          esac
        }
        %setup -q
        ApplyPatch one.patch
        ApplyPatch two.patch.bz2
        """,
        // The way of today.
        """
        %bcond_without xen
        %bcond_with extra
        Patch: one.patch
        %if %{with xen}
        Patch: two.patch.bz2
        %endif
        %if %{with extra}
        Patch: gone.patch
        %endif
        %patchlist
        three.patch
        four.patch
        %prep
        %autosetup -p1
        """,
        // Ranges.
        """
        Patch1: one.patch
        Patch2: two.patch.bz2
        Patch30: three.patch
        Patch31: four.patch
        %prep
        %autosetup -N
        %autopatch -p1 -m 30
        %autopatch -p1 -M 1
        """,
    ]

    @Test(.enabled(if: hasTool("rpmbuild"), "rpmbuild is missing: apt-get install rpm"), arguments: specs.indices)
    func sameTreeAsRpmbuild(index: Int) throws {
        try scratch.file("rpm/SPECS/kit.spec", Array((Self.head + Self.specs[index] + Self.tail).utf8))
        try #require(
            shell("rpmbuild --define \"_topdir $PWD/rpm\" --nodeps -bp rpm/SPECS/kit.spec", in: scratch.path) == 0)
        let loaded = try SeriesReader().read(scratch.path.appending("rpm")).load()
        for (number, patch) in loaded.patches.enumerated() {
            try scratch.file("plain/\(number)", patch.blob.bytes)
            let options = "-p\(patch.entry.strip)" + (patch.entry.reverse ? " -R" : "")
            try #require(
                shell(
                    "test -d tree || { tar xzf rpm/SOURCES/kit-1.0.tar.gz && mv kit-1.0/ tree 2>/dev/null || mv kit-1.0 tree; }; cd tree && patch -s \(options) < ../plain/\(number)",
                    in: scratch.path) == 0)
        }
        #expect(
            shell(
                "find rpm/BUILD -name '*.orig' -delete; find tree -name '*.orig' -delete; diff -r rpm/BUILD/kit-1.0 tree",
                in: scratch.path) == 0, "\(index)")
    }

    @Test(.enabled(if: hasTool("rpmbuild"), "rpmbuild is missing: apt-get install rpm"))
    func sourcePackages() throws {
        try scratch.file("rpm/SPECS/kit.spec", Array((Self.head + Self.specs[0] + Self.tail).utf8))
        try #require(
            shell(
                "touch rpm/SOURCES/gone.patch; rpmbuild --define \"_topdir $PWD/rpm\" --nodeps -bs rpm/SPECS/kit.spec && mv rpm/SRPMS/*.src.rpm kit.src.rpm",
                in: scratch.path) == 0)
        let packaged = try SeriesReader().read(scratch.path.appending("kit.src.rpm"))
        let spec = try SeriesReader().read(scratch.path.appending("rpm"))
        #expect(packaged.dialect == .rpm)
        #expect(packaged.entries.map(\.name) == ["one.patch", "two.patch.bz2", "three.patch"])
        #expect(try packaged.load().digest == spec.load().digest)
    }

    private func read(_ text: String) throws -> PatchSeries {
        try scratch.file("rpm/SPECS/kit.spec", Array((Self.head + text).utf8))
        return try SeriesReader().read(scratch.path.appending("rpm/SPECS/kit.spec"))
    }

    @Test(arguments: [
        ("%define a %b\n%define b %a\nPatch1: %a\n", "without end"), ("%if 1\n", "%endif"), ("%endif\n", "without %if"),
        ("%ifweather rain\n%endif\n", "not known"), ("%if (1\n%endif\n", "bracket"),
        ("%if 1 = 2\n%endif\n", "not understood"),
        ("%if 1 / 0\n%endif\n", "zero"), ("%prep\n%patch7 -p1\n", "no Patch7"), ("Patch1: a\nPatch1: b\n", "already"),
        ("Patch1: a\n%prep\n%patch1 -p\n", "value"), ("Patch1: %{a\n", "closed"),
    ])
    func malformed(text: String, hint: String) throws {
        do {
            _ = try read(text)
            Issue.record("it was read")
        } catch let error as SeriesError {
            #expect(error.category == .malformedInput)
            #expect(error.message.contains("kit.spec:") && error.message.contains(hint), "\(error.message)")
        }
    }

    /// Macros that double and double, loops in loops, brackets in brackets: ended, not waited for.
    @Test func bombs() throws {
        func laughs(_ last: String) -> String {
            "%define a0 \(last)\n" + (1...60).map { "%define a\($0) %{a\($0 - 1)}%{a\($0 - 1)}\n" }.joined()
        }
        let words = (1...60).map(String.init).joined(separator: " ")
        let loops =
            (1...6).map { "for v\($0) in \(words); do\n" }.joined() + "touch x\n"
            + String(repeating: "done\n", count: 6)
        let brackets = String(repeating: "(", count: 20_000) + "1" + String(repeating: ")", count: 20_000)
        for text in [
            laughs("%{nil}") + "Patch1: %{a40}\n%prep\n", laughs("ha") + "Patch1: %{a40}\n%prep\n", "%prep\n" + loops,
            "%if \(brackets)\n%endif\n%prep\n", "%prep\n" + String(repeating: "if true; then\n", count: 5_000),
            "%prep\n" + String(repeating: "(", count: 50_000), "%prep\n" + String(repeating: "f() ", count: 50_000),
            "%define x() %{x %*}\n%prep\n%{x a}\n",
            "Patch1: " + String(repeating: "%{?a:", count: 30_000) + "\n%prep\n",
        ] {
            #expect(throws: SeriesError.self, "\(text.prefix(40))") { try read(text) }
        }
    }

    @Test func nothingIsRun() throws {
        let mark = scratch.path.appending("mark")
        let series = try read(
            "%define x %(touch \(mark))\n%{lua:os.execute('touch \(mark)')}\n%(touch \(mark))\nPatch1: one.patch\n%prep\n%x\ntouch \(mark)\n%patch1 -p1\n"
        )
        #expect(!Files.exists(mark))
        #expect(series.entries.map(\.name) == ["one.patch"])
        #expect(series.remarks.count { $0.text.contains("not evaluated") } == 2)
        #expect(series.gaps.map(\.text).contains { $0.contains("may change the tree: %(touch") })
        #expect(series.gaps.map(\.text).contains { $0.contains("may change the tree: touch") })
    }

    @Test func aSecondPhaseIsLeftOut() throws {
        let series = try read(
            "Patch1: one.patch\nPatch2: four.patch\nPatch3: never.patch\n%prep\n%setup -q\ncd linux\n%patch1 -p1\ncd xen\n%patch2 -p1\n"
        )
        #expect(series.entries.map(\.isIncluded) == [true, false])
        #expect(series.entries[1].exclusions == [.otherFolder("linux/xen")])
        #expect(series.remarks.contains { $0.text.contains("Patch3") })
    }

    /// What is built may be the copy, so a patch for it is no other program's.
    @Test(arguments: [
        ("%setup -q -n k\n%patch1 -p1\ncd ..\ncp -a k k.xen\ncd k.xen\n%patch2 -p1\n", "k.xen"),
        ("%setup -q -n k\n%patch1 -p1\ncd ..\nmkdir xen\ncp -al k xen\ncd xen/k\n%patch2 -p1\n", "xen/k"),
        ("%setup -q -n k\ncp -a . ../flavor\n%patch1 -p1\ncd ../flavor\n%patch2 -p1\n", "flavor"),
        ("%setup -q -n k\n%patch1 -p1\nmkdir ../xen\ncp -a * ../xen/\ncd ../xen\n%patch2 -p1\n", "xen"),
        ("%setup -q -n k\n%patch1 -p1\ncd ..\nmv k y\ncp -a y x\ncd x\n%patch2 -p1\n", "x"),
        ("%setup -q -n k\n%patch1 -p1\ncd ..\nmv k y\ncd y\n%patch2 -p1\n", "y"),
        (
            "%setup -q -n k\n%patch1 -p1\ncd ..\nif [ -f k/f ]; then if [ -d k/d ]; then cp -a k x; fi; fi\ncd x\n%patch2 -p1\n",
            "x"
        ),
        (
            "%setup -q -n k\n%patch1 -p1\ncd ..\nmkdir xen\ntar -xf %{SOURCE0} -C xen\ncd xen/k\n%patch2 -p1\n",
            "xen"
        ),
    ])
    func aCopyOfTheTreeIsNoOtherProgram(prep: String, copy: String) throws {
        let series = try read(
            "Patch1: one.patch\nPatch2: four.patch\n%prep\n" + prep)
        #expect(series.entries.map(\.isIncluded) == [true, false])
        #expect(
            series.gaps.map(\.text).contains(
                "'four.patch' is applied in '\(copy)', a copy of the tree 'k' that is not judged"),
            "\(series.gaps.map(\.text))")
    }

    /// The tree itself made by copying, as many kernel packages do, and another program beside it.
    @Test(arguments: [
        "%setup -q -n k\n%patch1 -p1\ncd ..\ncp -al k linux\ncd linux\n%patch2 -p1\n%patch3 -p1\n",
        "%setup -q -n k\nmv k linux\ncp -al linux linux.orig\ncd linux\n%patch1 -p1\n%patch2 -p1\n%patch3 -p1\n",
    ])
    func aTreeMadeByCopyingIsOneTree(prep: String) throws {
        let series = try read(
            "Patch1: one.patch\nPatch2: four.patch\nPatch3: two.patch\n%prep\n" + prep)
        #expect(series.entries.map(\.isIncluded) == [true, true, true])
        #expect(!series.gaps.contains { $0.text.contains("a copy of the tree") })
    }

    @Test func aLinkToTheTreeIsNoOtherProgram() throws {
        let series = try read(
            "Patch1: one.patch\nPatch2: four.patch\n%prep\n%setup -q -n k\n%patch1 -p1\ncd ..\nln -s k x\ncd x\n%patch2 -p1\n"
        )
        #expect(
            series.gaps.map(\.text).contains("'four.patch' is applied through the link 'x', which is not followed"),
            "\(series.gaps.map(\.text))")
        #expect(series.gaps.contains { $0.text == "what is done in the folder behind the link 'x' is not followed" })
    }
}
