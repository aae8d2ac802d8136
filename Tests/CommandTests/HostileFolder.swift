import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Inputs that name programs wherever an input can, and links that lead to a folder outside of them.
///
/// Every program they name is the canary: it writes a line to `started`. The folder `precious` is what must never change;
/// the inputs themselves must not either.
struct HostileFolder {
    let folder: CommandFolder

    /// Where commands write to.
    static let out = "out"

    init() throws {
        folder = try CommandFolder()
        try folder.write("make.sh", Self.script)
        let made = try run("/bin/sh", ["-eu", "make.sh"], in: folder.path)
        try #require(made.status == 0, "\(String(decoding: made.output, as: UTF8.self))")
        try Files.remove(folder.path.appending("started"))
    }

    /// The lines that the canary wrote: each a program's name and arguments.
    var started: String {
        let file = folder.path.appending("started")
        return Files.exists(file) ? String(decoding: (try? Files.read(file)) ?? [], as: UTF8.self) : ""
    }

    /// Everything that must stay: names, kinds, modes, times to the nanosecond, contents and targets of all that is there,
    /// but for the output folder and the canary's own file.
    func fingerprint() throws -> Digest {
        let listing = try run(
            "/bin/sh",
            [
                "-c",
                """
                find . -mindepth 1 \\( -path ./out -o -path ./started -o -path ./stderr \\) -prune -o \
                    -printf '%p %y %m %n %s %T@ %l\\n' | LC_ALL=C sort
                find . \\( -path ./out -o -path ./started -o -path ./stderr \\) -prune -o -type f -print0 | LC_ALL=C sort -z \
                    | xargs -0 sha256sum
                """,
            ], in: folder.path)
        try #require(listing.status == 0)
        return Digest(of: String(decoding: listing.output, as: UTF8.self))
    }

    /// Variables of the environment through which tools start programs.
    var environment: [String: String] {
        let here = folder.path.string
        let evil = here + "/evil"
        return [
            "GIT_EXTERNAL_DIFF": evil, "GIT_PAGER": evil, "PAGER": evil, "GIT_EDITOR": evil, "EDITOR": evil,
            "VISUAL": evil, "GIT_SEQUENCE_EDITOR": evil, "GIT_SSH": evil, "GIT_SSH_COMMAND": evil, "GIT_ASKPASS": evil,
            "SSH_ASKPASS": evil, "GIT_PROXY_COMMAND": evil, "GIT_EXEC_PATH": here + "/bin",
            "GIT_TEMPLATE_DIR": here + "/template", "GIT_CONFIG_GLOBAL": here + "/home/.gitconfig",
            "GIT_CONFIG_SYSTEM": here + "/home/.gitconfig", "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": evil,
            "GIT_CONFIG_PARAMETERS": "'core.fsmonitor=\(evil)'", "GIT_DIR": here + "/repo/.git",
            "GIT_WORK_TREE": here + "/precious", "GIT_INDEX_FILE": here + "/precious/index", "GIT_TRACE": "0",
            "GIT_OBJECT_DIRECTORY": here + "/precious", "HOME": here + "/home", "XDG_CONFIG_HOME": here + "/home",
            "QUILTRC": here + "/home/.quiltrc", "QUILT_PATCHES": here + "/precious",
            "QUILT_PATCH_OPTS": "--get=1 -o \(here)/precious/file", "QUILT_PC": here + "/precious",
            "BASH_ENV": here + "/evil",
            "ENV": here + "/evil", "SHELL": evil, "LESSOPEN": "|\(evil) %s", "LESSEDIT": evil, "MANPAGER": evil,
            "BROWSER": evil, "TAR_OPTIONS": "--checkpoint=1 --checkpoint-action=exec=\(evil)", "GZIP": "-f",
            "XZ_OPT": "-f",
            "XZ_DEFAULTS": "-f", "RPM_CONFIGDIR": here + "/home", "LUA_INIT": "@" + evil, "PERL5OPT": "-M" + evil,
            "PYTHONSTARTUP": evil, "MAKEFLAGS": "--eval=$(shell \(evil) makeflags)", "MAKEFILES": here + "/evil.mk",
            "GNUMAKEFLAGS": "--eval=$(shell \(evil) gnumakeflags)", "CC": evil, "HOSTCC": evil, "LD": evil,
            "CROSS_COMPILE": here + "/bin/", "KCONFIG_CONFIG": here + "/precious/file",
            "KBUILD_OUTPUT": here + "/precious",
            "O": here + "/precious", "PATCH_GET": "1", "SIMPLE_BACKUP_SUFFIX": "/../precious/file",
            "VERSION_CONTROL": "numbered",
            "DPKG_HOOK": evil, "APT_CONFIG": here + "/home/apt.conf", "DOM0KIT_EDITOR": evil, "IFS": "/",
        ]
    }

    /// Makes everything. `$E` is the canary with the words that make a shell run it.
    private static let script = #"""
        here=$PWD; umask 022
        printf '#!/bin/sh\necho "$0 $*" >> %s/started\nexit 0\n' "$here" > evil; chmod 755 evil
        printf '$(shell %s/evil makefile)\n' "$here" > evil.mk
        E="$here/evil"
        # Under the names of the tools that might be called for, where a careless search would find them.
        mkdir bin template home precious tree series config image kit names
        programs="git sh bash patch xz gzip gunzip bzip2 zstd tar cpio rpm rpm2cpio rpmspec rpmbuild dpkg-source dpkg-deb make
            gmake gcc cc ld quilt ed sed awk perl python3 lua less more vi ssh gpg gpgv gpg2 file cat touch git-upload-pack
            git-remote-ext git-cat-file git-rev-list git-fsmonitor--daemon qemu-system-x86_64 apt-get scripts/config"
        for p in $programs; do
            for d in bin . tree; do mkdir -p $d/$(dirname $p); test -e $d/$p || cp evil $d/$p; done
        done
        for f in .gitconfig .quiltrc .bashrc .profile .rpmmacros apt.conf rpmrc macros; do :> home/$f; done
        printf '[core]\n fsmonitor = %s\n pager = %s\n editor = %s\n sshCommand = %s\n[diff]\n external = %s\n[alias]\n cat-file = !%s\n rev-parse = !%s\n' $E $E $E $E $E $E $E > home/.gitconfig
        printf '%s quiltrc\n' "$E" | tee home/.quiltrc home/.bashrc > home/.profile
        printf '%%evil %%(%s rpmmacros)\n%%prep %%{evil}\n%%_sourcedir %%(%s sourcedir)\n' "$E" "$E" > home/.rpmmacros
        mkdir template/hooks; for h in post-checkout post-index-change pre-commit reference-transaction; do cp evil template/hooks/$h; done

        # What must never change.
        mkdir precious/folder; echo precious > precious/file; echo below > precious/folder/file; chmod 640 precious/file
        ln -s file precious/link; chmod 700 precious/folder; : > precious/index

        # A kernel tree whose Kconfig, state of tools and links reach for programs and for that folder.
        mkdir -p tree/arch/x86 tree/init tree/kernel tree/scripts tree/.git tree/.pc tree/drivers tree/patches
        printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION = $(shell %s makefile)\n\ntinyconfig:\n\t@exit 1\n' "$E" > tree/Makefile
        cat > tree/Kconfig <<KCONFIG
        mainmenu "Linux/\$(ARCH) \$(KERNELVERSION) Kernel Configuration"
        CANARY := \$(shell,$E kconfig-immediate)
        later = \$(shell,$E kconfig-\$(1))
        \$(info,\$(shell,$E info))
        config XEN
        	bool "xen \$(shell,$E prompt)"
        	default \$(shell,$E default)
        	depends on \$(success,$E success) || \$(shell,$E depends)
        config CC_VERSION
        	string
        	default "\$(shell,$E version)" if \$(cc-option,-evil)
        config OPTION
        	string "\`$E backticks\` \$($E dollar)"
        	option env="EVIL"
        source "\$(shell,$E source)"
        source "arch/\$(SRCARCH)/Kconfig"
        source "../../precious/file"
        source "|$E pipe"
        \$(error-if,\$(later,twice),no)
        KCONFIG
        for f in arch/x86 init kernel scripts; do printf 'config FROM_%s\n\tdef_bool $(shell,%s %s)\n' $(echo $f | tr a-z/ A-Z_) "$E" $f > tree/$f/Kconfig; done
        seq 1 20 | sed 's/^/line /' > tree/init/main.c
        ln -s ../../precious tree/drivers/away; ln -s "$here/precious/file" tree/drivers/file.c
        ln -s ../precious/file tree/.config
        printf '[core]\n\tfsmonitor = %s\n\thooksPath = %s/template/hooks\n' "$E" "$here" > tree/.git/config
        echo 'ref: refs/heads/x' > tree/.git/HEAD; mkdir tree/.git/objects tree/.git/refs
        printf '%s quiltrc-of-the-tree\n' "$E" > tree/.quiltrc; printf '2\n' > tree/.pc/.version
        printf '%s/precious\n' "$here" > tree/.pc/.quilt_patches; echo series > tree/.pc/.quilt_series; : > tree/.pc/applied-patches
        cp -r tree linked; rm -rf linked/.git linked/.pc linked/.quiltrc linked/patches
        for p in $programs; do rm -f linked/$p; done
        # The same without links, which is read to the end.
        cp -r linked plain; rm plain/drivers/away plain/drivers/file.c plain/.config; echo x > plain/drivers/x.c
        # A stage that claims to have been interrupted, with steps for the folder outside.
        cp -r linked journal; mkdir -p journal/.dom0kit-stage/new0 journal/.dom0kit-stage/old; echo bad > journal/.dom0kit-stage/new0/0
        printf 'dom0kit-journal 2\nreplace 0 0 drivers/away/file\ndelete 1 0 drivers/away/folder/file\ncreate 2 0 drivers/away/new\nend\n' > journal/.dom0kit-stage/journal

        # A repository whose configuration, hooks, attributes and remote name programs.
        git() { env -i PATH=/usr/bin:/bin HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git -c user.name=T -c user.email=t@example.invalid -c init.defaultBranch=main -c protocol.file.allow=always "$@"; }
        git init -q repo; cp -r plain/. repo/
        ( cd repo; echo '* diff=evil filter=evil merge=evil' > .gitattributes
          git add -A; git commit -qm base; git tag start; sed -i 's/^line 10$/line ten/' init/main.c; git commit -qam ten; git tag done
          git init -q ../sub; cd ../sub; echo x > x; git add x; git commit -qm x; cd ../repo
          git submodule --quiet add "$here/sub" sub; git commit -qm submodule )
        tree=$(git -C repo rev-parse 'HEAD^{tree}'); parent=$(git -C repo rev-parse HEAD)
        printf 'tree %s\nparent %s\nauthor T <t@e> 1700000000 +0000\ncommitter T <t@e> 1700000000 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\nsigned\n' $tree $parent > commit
        git -C repo update-ref HEAD $(git -C repo hash-object -t commit -w ../commit)
        cp -r repo lazy
        for r in repo lazy; do ( cd $r
          for k in gpg.program gpg.openpgp.program gpg.ssh.program diff.external diff.evil.command diff.evil.textconv filter.evil.smudge \
              filter.evil.clean filter.evil.process merge.evil.driver core.fsmonitor core.sshCommand core.pager core.editor core.askPass \
              core.gitProxy core.alternateRefsCommand uploadpack.packObjectsHook remote.origin.uploadpack remote.origin.vcs \
              credential.helper sequence.editor web.browser pager.log pager.show pager.diff interactive.diffFilter \
              trailer.x.command trailer.x.cmd sendemail.smtpServer blame.ignoreRevsFile man.viewer difftool.x.cmd mergetool.x.cmd; do
              git config $k "$E"
          done
          git config log.showSignature true; git config diff.submodule diff; git -C sub config diff.external "$E" || true
          git config core.hooksPath "$here/template/hooks"; git config core.worktree "$here/precious" || true
          git config extensions.partialClone origin; git config remote.origin.promisor true
          git config remote.origin.url "ext::$E %S"; git config protocol.ext.allow always; git config core.repositoryFormatVersion 1
          git config include.path "$here/home/.gitconfig"; git config alias.cat-file "!$E"; git config alias.rev-parse "!$E"
          mkdir -p .git/hooks; for h in post-checkout post-index-change fsmonitor-watchman reference-transaction; do cp ../evil .git/hooks/$h; done
        ); done
        blob=$(git --git-dir=lazy/.git --work-tree=lazy rev-parse start:init/main.c); rm -f lazy/.git/objects/$(echo $blob | cut -c1-2)/$(echo $blob | cut -c3-)

        # Patches: a good one, and those that reach for programs or out of the tree.
        printf 'From: A <a@example.invalid>\nSubject: ten\n\n--- a/init/main.c\n+++ b/init/main.c\n@@ -9,3 +9,3 @@\n line 9\n-line 10\n+line ten\n line 11\n' > series/good.patch
        printf '0a\n!%s ed\n.\nw\n' "$E" > series/ed.patch
        printf 'Index: init/main.c\nPrereq: `%s prereq`\n==== //depot/main.c#1 ====\n--- init/main.c\n+++ init/main.c\n@@ -9,3 +9,3 @@\n line 9\n-line 10\n+line ten\n line 11\n' "$E" > series/prereq.patch
        printf -- '--- a/drivers/away/file\n+++ b/drivers/away/file\n@@ -1 +1 @@\n-precious\n+taken\n' > series/away.patch
        printf -- '--- a/drivers/file.c\n+++ b/drivers/file.c\n@@ -1 +1 @@\n-precious\n+taken\n' > series/link.patch
        printf -- '--- a/../precious/file\n+++ b/../precious/file\n@@ -1 +1 @@\n-precious\n+taken\n' > series/dots.patch
        printf -- '--- %s/precious/file\n+++ %s/precious/file\n@@ -1 +1 @@\n-precious\n+taken\n' "$here" "$here" > series/absolute.patch
        printf 'diff --git a/way b/way\nnew file mode 120000\n--- /dev/null\n+++ b/way\n@@ -0,0 +1 @@\n+../precious\n\\ No newline at end of file\ndiff --git a/way/file b/way/file\nnew file mode 100755\n--- /dev/null\n+++ b/way/file\n@@ -0,0 +1 @@\n+taken\n' > series/makelink.patch
        printf 'diff --git a/.git/hooks/post-checkout b/.git/hooks/post-checkout\nnew file mode 100755\n--- /dev/null\n+++ b/.git/hooks/post-checkout\n@@ -0,0 +1,2 @@\n+#!/bin/sh\n+%s\n' "$E" > series/hook.patch
        cp series/good.patch "names/\$(evil).patch"; cp series/good.patch "names/\`evil\`;evil|evil&evil #.patch"
        cp series/good.patch 'names/-e evil.patch'; cp series/good.patch 'names/--output=precious.patch'; cp series/good.patch 'names/|evil.patch'
        for p in good ed prereq away link dots absolute makelink hook; do mkdir q-$p; cp series/$p.patch q-$p/; echo $p.patch > q-$p/series; done
        mkdir q-names q-options q-gone; cp names/* q-names/
        printf '$(evil).patch\n' > q-names/series
        cp series/good.patch q-options/; printf 'good.patch -p1 --get=1 -o ../../precious/file\n' > q-options/series
        printf '../precious/file\n%s/evil\n|%s/evil\n$(%s)\n' "$here" "$here" "$E" > q-gone/series
        cp "series/good.patch" "q-suse.patch"; mkdir suse; cp series/good.patch suse/; printf '+xen $(%s guard) good.patch\n' "$E" > suse/series.conf
        printf 'From: `%s`\n' "$E" | cat - series/good.patch > mail.eml; gzip -nc series/good.patch > packed.patch.gz
        (echo 'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001'; cat series/good.patch) > box.mbox

        # Specs with programs in macros, in Lua, in sources, and as commands.
        mkdir spec; cp series/good.patch series/away.patch spec/
        head='Name: kernel\nVersion: 6.1\nRelease: 1\nSummary: x\nLicense: x\nSource0: linux-6.1.tar\nPatch1: good.patch\n'
        tail='%%description\nx\n%%prep\n%%setup -q -n linux-6.1\n'
        plainspec() { printf "$head$tail%%patch -P 1 -p1\n" > spec/$1; }
        plainspec good.spec
        { printf "%%global a %%($E paren)\n%%define b() %%{lua:os.execute('$E lua')}\n%%{expand:%%($E expand)}\n"; printf "$head$tail%%{b} %%{a}\n%%patch -P 1 -p1\n"; } > spec/macros.spec
        { printf "%%{lua: io.popen('$E popen'); posix.exec('$E')}\n%%{load:$here/home/.rpmmacros}\n%%include $here/home/.rpmmacros\n%%{uncompress:$here/precious/file}\n%%{getenv:HOME} %%{dirname:x} %%{shrink:%%($E shrink)}\n"; printf "$head"; printf "Patch2: %%($E name).patch\nSource5: %%{S:%%($E s)}\n$tail%%autosetup -N\n%%patch -P 1 -p1\n"; } > spec/lua.spec
        { printf "$head"; printf "Source1: ext::$E\nSource2: |$E\nSource3: file:///../precious/file\n$tail%%patch -P 1 -p1\n$E prep\n\`$E backticks\`\nx=\$($E dollar)\neval \"$E eval\"\n. ./evil\nsh -c '$E'\npatch -p1 < <($E process)\nperl -e 'system(\"$E\")'\nmake -f $here/evil.mk\n"; } > spec/commands.spec
        { printf "$head$tail"; printf "echo taken > ../../../../precious/file\ncp ../good.patch $here/precious/file\nln -s $here/precious way\necho x > way/file\nrm -rf way/folder\nchmod 777 way/file\nmv linux-6.1/drivers/away zz\ncp %%{SOURCE0} zz\n"; } > spec/writes.spec
        { printf "$head$tail"; printf "%%if %%($E condition)\n%%patch -P 1 -p1\n%%endif\n%%if 0%%{?x:%%($E if)}\n%%endif\n"; } > spec/condition.spec
        mkdir linux-6.1; cp -r plain/. linux-6.1/

        # Archives with links that lead out, and with the state of tools in them.
        tar -cf spec/linux-6.1.tar linux-6.1; cp spec/linux-6.1.tar good.tar
        mkdir arch1; cp -r linux-6.1/. arch1/; cp -r tree/.git tree/.pc tree/.quiltrc tree/patches arch1/; cp -r journal/.dom0kit-stage arch1/; tar -cf state.tar arch1
        mkdir arch2; cp -r linux-6.1/. arch2/; ln -s "$here/precious" arch2/abs; ln -s ../../precious arch2/init/up; tar -cf links.tar arch2
        (cd arch2; ln precious-file hard 2>/dev/null || true); tar -cPf absolute.tar arch2 "$here/precious/file"
        tar -cf through.tar --transform='s,^precious,arch2/abs,' arch2 precious/file
        tar -cPf dots.tar --transform='s,^precious,../precious,' arch2 precious/file
        rm -rf arch1 arch2 linux-6.1
        gzip -nc good.tar > good.tar.gz; xz -c good.tar > 'bad;evil.tar.xz'; cp good.tar.gz '$(evil).tar.gz'; printf '#!%s\n' "$E" > script.tar; chmod 755 script.tar

        # A Debian source package whose build programs are the canary.
        mkdir -p dsc/src/debian/patches dsc/src/debian/source; cp -r plain/. dsc/src/
        cp evil dsc/src/debian/rules; printf '3.0 (quilt)\n' > dsc/src/debian/source/format; cp series/good.patch dsc/src/debian/patches/; echo good.patch > dsc/src/debian/patches/series
        for f in options local-options; do printf 'compression-level=9\n' > dsc/src/debian/source/$f; done
        (cd dsc/src; tar -cf ../linux_6.1.orig.tar --exclude=./debian .; tar -cf ../linux_6.1-1.debian.tar debian); rm -rf dsc/src
        gzip -n dsc/*.tar
        { printf 'Format: 3.0 (quilt)\nSource: linux\nVersion: 6.1-1\nMaintainer: $(%s)\nFiles:\n' "$E"
          for f in dsc/*.gz; do printf ' %s %s %s\n' $(md5sum < $f | cut -d' ' -f1) $(wc -c < $f) ${f#dsc/}; done; printf 'Checksums-Sha256:\n'
          for f in dsc/*.gz; do printf ' %s %s %s\n' $(sha256sum < $f | cut -d' ' -f1) $(wc -c < $f) ${f#dsc/}; done; } > dsc/linux_6.1-1.dsc

        # Configurations and images.
        printf '# Linux/x86 $(%s) 6.1.0 Kernel Configuration\nCONFIG_XEN=y\nCONFIG_CMDLINE="$(%s cmdline) `%s`"\nCONFIG_INITRAMFS_SOURCE="|%s"\n' "$E" "$E" "$E" "$E" > config/a
        printf 'CONFIG_XEN=`%s`\n' "$E" > config/bad; printf '#!%s\nCONFIG_XEN=y\n' "$E" > config/script; chmod 755 config/script
        printf '#!%s\n' "$E" > image/script; chmod 755 image/script; printf '\177ELF$(%s)' "$E" > image/short; cp image/short 'image/$(evil)'
        gzip -nc image/script > image/packed

        # A kit's data folder with values that look like commands.
        mkdir -p kit/Profiles/requirements kit/Profiles/hypervisors kit/Patches kit/own kit/Profiles/fragments; cp -r q-good 'kit/Patches/$(evil)'
        printf 'schema: dom0kit.requirements/1\ntitle: "$(%s)"\narchitecture: x86_64\nrequirements:\n  - { symbol: XEN, accept: [y], level: required, why: "`%s`" }\n' "$E" "$E" > kit/Profiles/requirements/r.yaml
        printf 'CONFIG_XEN=y\n' > kit/Profiles/fragments/f.config
        printf 'name: "xen-4.17"\n' > kit/Profiles/hypervisors/xen-4.17.yaml
        profile() { cat > kit/Profiles/$1.yaml <<PROFILE
        name: $1
        title: "\$($E title) \`$E\`"
        architecture: x86_64
        source: { hint: "\$($E hint)"$2 }
        series: [{ path: "Patches/\$(evil)" }]
        configuration:
          base: "$3"
          targets: [$4]
          fragments: [Profiles/fragments/f.config]
          requirements: Profiles/requirements/r.yaml
          provenance: { series: XEN_SERIES, hash: XEN_HASH }
        build: { targets: ["$5"], image: "image\$($E)" }
        boot: { hypervisor: xen-4.17, dom0: pv, guests: [pv], sysfs: { a: "\$($E)" }, log: ["\$\\\\($E\\\\)"] }
        PROFILE
        }
        profile plain '' tinyconfig '' all
        profile file ", files: [{ name: 'linux-6.1.tar', address: 'ext::$E' }], patched: true" "tree:init/main.c" '' all
        profile target '' tinyconfig '' "--eval=\$(shell,$E)"
        profile suite ", suite: bookworm, package: '\$($E)'" tinyconfig "xen.config" "SHELL=$E"
        profile escape '' "tree:../precious/file" '' all
        rm -rf commit make.sh; mkdir out
        """#
}
