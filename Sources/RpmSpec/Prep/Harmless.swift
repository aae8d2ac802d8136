/// Commands that are known to leave the files of the tree alone, with the conditions under which they do.
///
/// Where their output goes is looked at apart: `echo` into a file of the tree is a change of that file.
enum Harmless {
    /// Whatever their arguments are.
    static let always: Set<String> = [
        // The shell's own.
        "echo", "printf", "true", ":", "false", "test", "[", "[[", "sleep", "wait", "pwd", "umask",
        "ulimit",
        "type", "jobs", "dirs", "unalias", "times",
        // Those that print.
        "cat", "tac", "nl", "grep", "egrep", "fgrep", "zgrep", "xzgrep", "bzgrep", "ls", "head", "tail", "wc", "cut",
        "tr", "rev",
        "paste", "join", "comm", "fold", "column", "expand", "od", "hexdump", "strings", "stat", "du",
        "df",
        "date", "uname", "hostname", "whoami", "id", "basename", "dirname", "readlink", "realpath", "seq", "expr",
        "getconf",
        "nproc", "arch", "which", "diff", "cmp", "sum", "cksum", "md5sum", "sha1sum", "sha256sum", "sha512sum", "b2sum",
        "printenv", "locale", "tty", "ps", "free", "bc", "xzcat", "zcat", "bzcat", "zstdcat", "lzcat",
        "sync",
        "yes", "factor", "rpm2cpio", "pkg-config", "lscpu",
    ]

    /// Programs of the host that keep what they write to their own places.
    static let ownPlaces: Set<String> = ["rpmkeys", "rpmdb", "ccache", "logger", "getent"]

    /// Whether it depends on the arguments (those that are not known are `nil`), and these are such.
    static func holds(_ name: String, _ arguments: [String?]) -> Bool {
        if always.contains(name) || ownPlaces.contains(name) { return true }
        let known = arguments.compactMap { $0 }
        let isAllKnown = known.count == arguments.count
        switch name {
        case "env": return isAllKnown && known.allSatisfy(SpecPrep.isAssignment)
        case "sort":
            // Letters may stand together (`-uo FILE`), and long names may be cut short.
            return isAllKnown
                && !known.contains { word in
                    word.hasPrefix("--o") || word.hasPrefix("-") && !word.hasPrefix("--") && word.contains("o")
                }
        case "xxd": return isAllKnown && known.count { !$0.hasPrefix("-") || $0 == "-" } < 2
        case "file": return isAllKnown && !known.contains { $0.hasPrefix("-C") || $0.hasPrefix("--comp") }
        case "gpgv": return isAllKnown && !known.contains { $0 == "-o" || $0.hasPrefix("--o") }
        case "uniq": return isAllKnown && known.count { !$0.hasPrefix("-") } < 2
        case "find":
            return !known.contains {
                ["-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint", "-fprint0", "-fprintf", "-fls"].contains(
                    $0)
            } && isAllKnown
        case "awk", "gawk", "mawk":
            // Programs that only print.
            return isAllKnown
                && known.allSatisfy { !$0.hasPrefix("-") || $0.hasPrefix("-F") || $0.hasPrefix("-v") }
                && !known.contains { program in
                    program.contains("system") || program.contains("|") || program.contains("getline")
                        || program.contains("print") && program.contains(">")
                }
        case "sed": return isAllKnown && isPrintingSed(known)
        case "gzip", "gunzip", "xz", "unxz", "bzip2", "bunzip2", "zstd", "unzstd", "lzma", "unlzma":
            // With a file they replace it, unless they print.
            return isAllKnown
                && (known.allSatisfy { $0.hasPrefix("-") }
                    || known.contains {
                        $0 == "-c" || $0 == "--stdout" || $0 == "-dc" || $0 == "-cd" || $0 == "-t" || $0 == "-l"
                    })
        case "gcc", "cc", "clang", "ld", "perl", "python", "python3", "make", "gmake", "ruby":
            return isAllKnown && known.count == 1
                && (["--version", "-dumpversion", "-dumpmachine", "-print-file-name=plugin"].contains(known[0])
                    // Python reads a program from its input then.
                    || known[0] == "-v" && !name.hasPrefix("python"))
        case "openssl":
            return isAllKnown && ["version", "rand", "dgst"].contains(known.first ?? "") && !known.contains("-out")
        case "rpm":
            return isAllKnown && known.contains { $0.hasPrefix("-q") || $0 == "--eval" || $0 == "-E" }
                && !known.contains { $0.contains("%(") || $0.contains("lua") || $0.contains("%{load") }
        default: return false
        }
    }

    /// Whether sed only prints: neither `-i`, nor commands that write files or run programs.
    private static func isPrintingSed(_ arguments: [String]) -> Bool {
        if arguments.contains(where: {
            $0 == "-s" || $0.hasPrefix("--in-place") || $0.hasPrefix("-f") || $0.hasPrefix("--file")
        }) {
            return false
        }
        // Letters may stand together, as in `-ni`; the text of a script does not begin with a dash.
        if arguments.contains(where: { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("i") }) { return false }
        return arguments.allSatisfy { script in
            let characters = Array(script)
            return !characters.indices.contains { index in
                guard characters[index] == "w" || characters[index] == "e" || characters[index] == "W" else {
                    return false
                }
                let before = index == 0 ? ";" : characters[index - 1]
                let after = index + 1 < characters.count ? characters[index + 1] : "\n"
                let begins = !before.isLetter || "gpIiM".contains(before)
                return begins && (after == " " || after == "\n" || after == ";" || after == "\t" || after == "/")
            }
        }
    }

    /// What Kbuild makes without changing a file of the source: configurations, generated headers, host programs.
    static func isKbuildTarget(_ target: String) -> Bool {
        let plain: Set<String> = [
            "clean", "mrproper", "distclean", "prepare", "prepare0", "archprepare", "scripts", "scripts_basic",
            "config",
            "kernelrelease", "kernelversion", "image_name", "help", "modules_prepare", "outputmakefile", "headers",
            "headers_install", "include/linux/version.h",
        ]
        return plain.contains(target) || target.hasSuffix("config")
    }

    /// Scripts that kernel packages bring along and that make configurations, signing keys and the like. They are taken by
    /// their names only where their text is there and has none of ``patchers`` in it.
    static let packagingScripts: Set<String> = [
        "generate_all_configs.sh", "generate_debug_configs.sh", "process_configs.sh", "update_scripts.sh", "merge.py",
        "merge.pl",
        "gen-config", "check-configs", "config_generation", "build_configs.sh", "Makefile.config",
    ]

    /// Words of a script that could change sources.
    static let patchers: [String] = [
        "patch -", "patch <", "git apply", "git am", "quilt", "| patch", "|patch", "ed -s", ".patch", ".diff", "base64",
        "drivers/", "include/linux", "perl -pi", "perl -i",
    ]
}
