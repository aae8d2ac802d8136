import Bytes
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import Series
import SystemPackage
import TestSupport
import Testing

/// RPM source packages in the style of the distributions' kernels, with rpmbuild as the judge.
@Suite(.enabled(if: hasTool("rpmbuild"), "needs rpm"))
struct ImportRpmTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; mkdir -p rpm/SPECS rpm/SOURCES linux-6.1/drivers/char/tpm
            sed -i 's/^EXTRAVERSION.*/EXTRAVERSION =/' linux-6.1/Makefile
            seq 1 40 > linux-6.1/kernel/lines; seq 1 20 > linux-6.1/drivers/char/tpm/tpm.c; echo '*.o' > linux-6.1/.gitignore
            tar cjf rpm/SOURCES/linux-6.1.tar.bz2 linux-6.1; cp -a linux-6.1 orig
            step() { diff -Nru orig linux-6.1 > rpm/SOURCES/$1 || :; rm -rf orig; cp -a linux-6.1 orig; }
            sed -i 's/^3$/three/' linux-6.1/kernel/lines; step stable.patch; bzip2 rpm/SOURCES/stable.patch
            sed -i 's/^10$/ten/' linux-6.1/kernel/lines; echo xen > linux-6.1/drivers/xen/core.c
            sed -i 's/^5$/five/' linux-6.1/drivers/char/tpm/tpm.c; echo v > linux-6.1/drivers/char/tpm/tpm_xen.c; step xen.patch
            sed -i 's/^20$/twenty/' linux-6.1/kernel/lines; step after.patch
            sed -i 's/^30$/thirty/' linux-6.1/kernel/lines; step git.patch
            printf 'only\\na\\nfew\\nlines\\n' > rpm/SOURCES/empty.patch; echo rhel > rpm/SOURCES/Makefile.rhelver
            echo CONFIG_X=y > rpm/SOURCES/kernel-6.1-x86_64.config; echo CONFIG_X=m > rpm/SOURCES/kernel-6.1-x86_64-xen.config
            mkdir xen; seq 1 9 > xen/hv.c; cp -a xen xen.orig; tar cjf rpm/SOURCES/xen-3.0.3.tar.bz2 xen
            sed -i 's/^4$/four/' xen/hv.c; diff -Nru xen.orig xen > rpm/SOURCES/hv.patch || :
            """)
        try #require(made == 0)
    }

    private static let head = "Name: kernel\nVersion: 6.1\nRelease: 1\nSummary: x\nLicense: x\n"
    private static let tail = "\n%description\nx\n%files\n"

    /// The way of CentOS 5: a clean tree beside the patched one, backups that are put back, the hypervisor's own phase.
    private static let centos5 = #"""
        %define includexen 1
        %define kversion 6.1
        %define all_arch_configs $RPM_SOURCE_DIR/kernel-%{kversion}-x86_64*.config
        Source0: http://x.invalid/linux-%{kversion}.tar.bz2
        Source1: xen-3.0.3.tar.bz2
        Source2: Makefile.rhelver
        Source3: kernel-6.1-x86_64.config
        Source4: kernel-6.1-x86_64-xen.config
        Patch1: stable.patch.bz2
        Patch950: xen.patch
        Patch951: after.patch
        Patch20000: hv.patch
        Patch99999: empty.patch
        %prep
        if [ ! -d kernel-%{kversion}/vanilla ]; then
          # Ok, first time we do a make prep.
          rm -f pax_global_header
        %setup -q -n %{name}-%{version} -c
          mv linux-%{kversion} vanilla
        else
          cd kernel-%{kversion}
          if [ -d linux-%{kversion}.%{_target_cpu} ]; then
             rm -rf deleteme
             mv linux-%{kversion}.%{_target_cpu} deleteme
             rm -rf deleteme &
          fi
        fi
        cp -rl vanilla linux-%{kversion}.%{_target_cpu}
        cd linux-%{kversion}.%{_target_cpu}
        %patch1 -p1
        #%%patch204 -p1
        %if %{includexen}
        %patch950 -p1 -b .p.xen
        #
        # ... and back out all the tpm additions, they need fixing
        #
        for f in `find drivers/char/tpm -type f -name "*.p.xen"` ; do \
            g=`dirname $f`/`basename $f .p.xen`; \
            mv "$f" "$g"; \
            if [ ! -s "$g" ] ; then rm -f "$g" ; fi; \
        done
        # Delete the rest of the backup files, they just confuse the build later
        find -name "*.p.xen" | xargs rm -f
        %patch951 -p1
        %endif
        mkdir configs
        cp -f %{all_arch_configs} .
        cp %{SOURCE2} Documentation-like
        perl -p -i -e "s/^SUBLEVEL.*/SUBLEVEL = 9/" Makefile
        perl -p -i -e "s/^EXTRAVERSION.*/EXTRAVERSION = -prep/" Makefile
        cd ..
        while [ -d deleteme ];
        do
            sleep 1
        done
        find . \( -name "*.orig" -o -name "*~" \) -exec rm -f {} \; >/dev/null
        %if %{includexen}
        cp %{SOURCE2} .
        if [ -d xen ]; then
          rm -rf xen
        fi
        %setup -D -T -q -n %{name}-%{version} -a1
        cd xen
        %patch20000 -p1
        %endif
        """#

    /// The way of Fedora and RHEL 6: a shell function, optional patches, a tidy-up with find.
    private static let rhel6 = #"""
        %global released_kernel 1
        Source0: linux-6.1.tar.bz2
        Source1: Makefile.rhelver
        Patch1: stable.patch.bz2
        Patch2: xen.patch
        Patch3: after.patch
        Patch4: empty.patch
        %prep
        patch_command='patch -p1 -F1 -s'
        ApplyPatch()
        {
          local patch=$1
          shift
          if [ ! -f $RPM_SOURCE_DIR/$patch ]; then
            exit 1
          fi
          if ! grep -E "^Patch[0-9]+: $patch\$" %{_specdir}/${RPM_PACKAGE_NAME}.spec ; then
            exit 1
          fi 2>/dev/null
          case "$patch" in
          *.bz2) bunzip2 < "$RPM_SOURCE_DIR/$patch" | $patch_command ${1+"$@"} ;;
          *.gz)  gunzip  < "$RPM_SOURCE_DIR/$patch" | $patch_command ${1+"$@"} ;;
          *) $patch_command ${1+"$@"} < "$RPM_SOURCE_DIR/$patch" ;;
          esac
        }
        # don't apply patch if it's empty
        ApplyOptionalPatch()
        {
          local patch=$1
          shift
          local C=$(wc -l $RPM_SOURCE_DIR/$patch | awk '{print $1}')
          if [ "$C" -gt 9 ]; then
            ApplyPatch $patch ${1+"$@"}
          fi
        }
        %setup -q -n kernel-%{version} -c
        mv linux-%{version} vanilla-%{version}
        cp -al vanilla-%{version} linux-%{version}.%{_target_cpu}
        cd linux-%{version}.%{_target_cpu}
        cp %{SOURCE1} .
        ApplyPatch stable.patch.bz2
        %if 0%{?released_kernel}
        ApplyPatch xen.patch
        ApplyOptionalPatch empty.patch
        ApplyOptionalPatch after.patch
        %endif
        chmod +x scripts/run
        touch .scmversion
        find . -name .gitignore -delete >/dev/null
        cd ..
        """#

    /// The way of CentOS Stream: one archive, one large patch, and a tree that is renamed.
    private static let stream = #"""
        %define tarfile_release 6.1
        %define specversion 6.1.0
        %define log_msg() \
            { set +x; } 2>/dev/null \
            _log_msglineno=$(grep -n %{*} %{_specdir}/${RPM_PACKAGE_NAME}.spec | grep log_msg | cut -d":" -f1) \
            echo "kernel.spec:${_log_msglineno}: "%{*} \
            { set -x; } 2>/dev/null
        %if 0%{?rhel} > 9 && !(0%{?nopatches} || "%{_target_cpu}" == "none")
        Patch77: gone.patch
        %endif
        Source0: linux-%{tarfile_release}.tar.bz2
        Source1: Makefile.rhelver
        Patch1: xen.patch
        Patch2: stable.patch.bz2
        Patch999999: empty.patch
        %prep
        %{log_msg "Start of prep stage"}
        patch_command='patch --force -p1 -F1 -s'
        ApplyPatch()
        {
          local patch=$1
          shift
          if [ ! -f $RPM_SOURCE_DIR/$patch ]; then
            exit 1
          fi
          case "$patch" in
          *.bz2) bunzip2 < "$RPM_SOURCE_DIR/$patch" | $patch_command ${1+"$@"} ;;
          *) $patch_command ${1+"$@"} < "$RPM_SOURCE_DIR/$patch" ;;
          esac
        }
        ApplyOptionalPatch()
        {
          local patch=$1
          shift
          local C=$(wc -l $RPM_SOURCE_DIR/$patch | awk '{print $1}')
          if [ "$C" -gt 9 ]; then
            ApplyPatch $patch ${1+"$@"}
          fi
        }
        %{log_msg "Untar kernel tarball"}
        %setup -q -n kernel-%{tarfile_release} -c
        mv linux-%{tarfile_release} linux-%{specversion}
        cd linux-%{specversion}
        cp -a %{SOURCE1} .
        %if !0%{?nopatches}
        ApplyOptionalPatch stable.patch.bz2
        %endif
        ApplyOptionalPatch xen.patch
        ApplyOptionalPatch empty.patch
        mv scripts/run scripts/run-%{specversion}
        rm -f localversion-next localversion-rt
        [ -d configs ] || mkdir configs
        """#

    /// Backups that stay, numbers, ranges, and a folder of one's own.
    private static let plain = #"""
        Source0: linux-6.1.tar.bz2
        Patch1: stable.patch.bz2
        Patch5: xen.patch
        Patch6: after.patch
        Patch7: git.patch
        %prep
        %setup -q -n linux-6.1
        %patch1 -p1 -b .first
        %autopatch -p1 -m 5 -M 6
        %patch -P 7 -p1 -z .second
        """#

    static let styles = ["CentOS 5", "RHEL 6", "CentOS Stream", "plain"]
    private static let specs = ["CentOS 5": centos5, "RHEL 6": rhel6, "CentOS Stream": stream, "plain": plain]

    /// Makes the spec, the source package and rpmbuild's tree, `want`.
    private func make(_ style: String) throws {
        let spec = Self.head + (Self.specs[style] ?? "") + Self.tail
        try Files.write(spec, to: scratch.path.pushing("rpm/SPECS/kernel.spec"))
        let made = scratch.shell(
            """
            set -e
            rpmbuild --define "_topdir $PWD/rpm" --nodeps -bs rpm/SPECS/kernel.spec && mv rpm/SRPMS/*.src.rpm kernel.src.rpm
            rpmbuild --define "_topdir $PWD/rpm" --nodeps -bp rpm/SPECS/kernel.spec
            for t in rpm/BUILD/kernel-6.1/linux-6.1.0 rpm/BUILD/kernel-6.1/linux-6.1.x86_64 rpm/BUILD/linux-6.1; do
              test ! -d $t || mv $t want
            done
            test -f want/Makefile
            """)
        try #require(made == 0)
    }

    private func importing(_ name: String, patched: Bool = true, into: String = "tree") async throws -> ImportedTree {
        var importer = SourceImporter()
        importer.appliesPatches = patched
        return try await importer.importTree(
            from: try SourceLocation.detect(scratch.path.pushing(FilePath(name))), into: scratch.path.appending(into))
    }

    @Test(arguments: styles) func sameTreeAsRpmbuild(style: String) async throws {
        try make(style)
        let tree = try await importing("kernel.src.rpm")
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0, "\(style)")
        #expect(
            scratch.shell(
                "x() { (cd $1; find . -type f -perm -100 | sort); }; x want > w; x tree > t; cmp w t") == 0, "\(style)")
        #expect(tree.warnings == [], "\(style)")
        #expect(tree.origin.inputs.first?.name == "kernel.src.rpm")
        let folder = try await importing("rpm", into: "again")
        #expect(scratch.shell("diff -r --no-dereference want again") == 0)
        #expect(folder.files == tree.files)
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
    }

    /// The list of patches alone gives the same tree: what is put back is an entry of it.
    @Test(arguments: ["CentOS 5", "RHEL 6"]) func theSeriesAloneGivesTheSameFiles(style: String) async throws {
        try make(style)
        let series = try SeriesReader().read(scratch.path.appending("rpm"))
        let loaded = try series.load()
        for (number, patch) in loaded.patches.enumerated() {
            try Files.write(patch.blob.bytes, to: scratch.path.appending("p\(number)"))
            let reverse = patch.entry.reverse ? "-R" : ""
            try #require(
                scratch.shell("test -d t || tar xjf rpm/SOURCES/linux-6.1.tar.bz2; cd linux-6.1") == 0)
            if number == 0 { try #require(scratch.shell("mkdir t; tar xjf rpm/SOURCES/linux-6.1.tar.bz2 -C t") == 0) }
            try #require(scratch.shell("cd t/linux-6.1 && patch -s -p1 \(reverse) < ../../p\(number)") == 0)
        }
        let changed = "kernel/lines drivers/char drivers/xen"
        #expect(
            scratch.shell("for f in \(changed); do diff -r want/$f t/linux-6.1/$f || exit 1; done") == 0, "\(style)")
        if style == "CentOS 5" {
            #expect(
                series.included.map(\.name) == ["stable.patch.bz2", "xen.patch", "xen.patch.put-back", "after.patch"])
            #expect(series.entries.last?.exclusions == [.otherFolder("xen")])
            #expect(series.entries[1].condition == "%if %{includexen}")
        }
    }

    @Test func unpatched() async throws {
        try make("CentOS 5")
        _ = try await importing("kernel.src.rpm", patched: false)
        #expect(scratch.shell("test ! -e tree/drivers/xen/core.c && grep -qx 3 tree/kernel/lines") == 0)
    }

    /// What is known to change only these files is told, and the others are as rpmbuild leaves them.
    @Test func whatIsNotCarriedOutIsSaid() async throws {
        try Files.write(
            Self.head
                + """
                Source0: linux-6.1.tar.bz2
                Patch1: stable.patch.bz2
                %prep
                %setup -q -n linux-6.1
                %patch1 -p1
                for i in *.config; do make oldconfig; done
                sed -i 'y/a/b/' scripts/run
                cat > file <<EOF
                for a word
                EOF
                sed -i 's/^for/with/' file
                """ + Self.tail, to: scratch.path.pushing("rpm/SPECS/kernel.spec"))
        let tree = try await importing("rpm")
        #expect(
            tree.warnings.map { String($0.split(separator: "kernel.spec:").last ?? "") } == [
                "11: not carried out: make oldconfig", "12: not carried out: sed -i y/a/b/ scripts/run",
            ])
        #expect(try Files.read(scratch.path.pushing("tree/file")) == Array("with a word\n".utf8))
    }

    /// A tree that lacks a patch of its spec, or a change that is not known, is not made.
    @Test(arguments: [
        "patch -p1 < $HOME/x.patch", "if make check; then\n%patch1 -p1\nfi", "%if %(date)\n%patch1 -p1\n%endif",
        "./scripts/run > new", "make all", "python3 x.py", "unknown --command",
        "sed -i 'y/a/b/' kernel/lines\n%patch1 -p1",
    ])
    func whatCannotBeAppliedStopsTheImport(prep: String) async throws {
        try Files.write(
            Self.head + "Source0: linux-6.1.tar.bz2\nPatch1: stable.patch.bz2\n%prep\n%setup -q -n linux-6.1\n\(prep)"
                + Self.tail, to: scratch.path.pushing("rpm/SPECS/kernel.spec"))
        do {
            _ = try await importing("rpm")
            Issue.record("it was imported")
        } catch let error as SeriesError {
            #expect(error.category == .undecided && error.message.contains("kernel.spec:"), "\(error.message)")
        }
        #expect(!Files.exists(scratch.path.appending("tree")))
        _ = try await importing("rpm", patched: false)
    }

    /// What depends on the unpacked tree is decided by it.
    @Test func conditionsOfTheTree() async throws {
        try Files.write(
            Self.head
                + """
                Source0: linux-6.1.tar.bz2
                Patch1: stable.patch.bz2
                Patch2: gone.patch
                %prep
                %setup -q -n linux-6.1
                if [ -f kernel/lines ]; then
                %patch1 -p1
                elif [ -d arch ]; then
                %patch2 -p1
                fi
                [ -e init/none ] || touch init/made
                test ! -d arch && rm -rf kernel
                """ + Self.tail, to: scratch.path.pushing("rpm/SPECS/kernel.spec"))
        _ = try await importing("rpm")
        #expect(scratch.shell("grep -q three tree/kernel/lines && test -f tree/init/made") == 0)
    }

    @Test func aMissingSourceIsNamed() async throws {
        try make("CentOS 5")
        try #require(scratch.shell("mv rpm/SOURCES/linux-6.1.tar.bz2 away") == 0)
        do {
            _ = try await importing("rpm")
            Issue.record("it was imported")
        } catch let error as KernelTreeError {
            #expect(error.category == .missingInput)
            #expect(error.message.contains("linux-6.1.tar.bz2"))
            #expect(error.remedy?.contains("http://x.invalid/linux-6.1.tar.bz2") == true)
        }
        #expect(!Files.exists(scratch.path.appending("tree")))
        // The upstream source may be given in its place.
        try #require(scratch.shell("tar xjf away") == 0)
        var importer = SourceImporter()
        importer.appliesPatches = true
        importer.base = .archive(scratch.path.appending("away"))
        _ = try await importer.importTree(
            from: try SourceLocation.detect(scratch.path.appending("rpm")), into: scratch.path.appending("tree"))
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
    }

    /// Specs that try to reach outside the build folder, or to make others follow them there.
    @Test(arguments: [
        "%setup -q -n ../outside", "%setup -q -n linux-6.1\ncp %{SOURCE0} ../../../x",
        "%setup -q -n linux-6.1\nrm -rf /",
        "%setup -q -n linux-6.1\nmv kernel ../../../../outside", "%setup -q -n linux-6.1\ncd ../..\ncd ..\ntouch x",
    ])
    func nothingOutsideIsTouched(prep: String) async throws {
        try Files.write(
            Self.head + "Source0: linux-6.1.tar.bz2\n%prep\n\(prep)" + Self.tail,
            to: scratch.path.pushing("rpm/SPECS/kernel.spec"))
        try #require(scratch.shell("mkdir outside inner; ls > before") == 0)
        _ = try? await importing("rpm", into: "inner/tree")
        #expect(
            scratch.shell(
                "ls > after; cmp before after || (rm before; ls > b2; diff after b2 | grep -v before && exit 1); test -z \"$(ls outside)\""
            ) == 0)
        #expect(try Files.list(scratch.path.appending("inner")).filter { $0 != "tree" } == [])
    }
}
