import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A disk that is full at any of the writes: code 74, the tree as it was, nothing left behind.
@Suite struct FullDiskTests {
    private let scratch: Scratch

    /// Six files of three pages each, and patches that change them all, make a new one and remove one.
    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            """
            set -e
            mkdir -p tree/d patches full
            for n in 1 2 3 4 5 6; do seq 1 2500 > tree/d/f$n; done
            cp -a tree new; for n in 1 2 3 4 5; do sed -i 's/^77$/seventy-seven/' new/d/f$n; done
            rm new/d/f6; mkdir new/n; seq 1 1500 > new/n/made
            diff -Nrup tree new | sed -e 's,^--- tree/,--- a/,' -e 's,^+++ new/,+++ b/,' > patches/all.patch || :
            echo all.patch > patches/series
            """)
        try #require(made == 0)
    }

    /// How to get a shell that may mount.
    private static let mounter: [String]? = [
        ["sh", "-c"], ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"],
    ]
    .first { prefix in
        let probe = "d=$(mktemp -d) && mount -t tmpfs -o size=16k none $d && umount $d && rmdir $d"
        return (try? run(prefix[0], Array(prefix.dropFirst()) + [probe]))?.status == 0
    }

    /// `size` counts pages of content, `nr_inodes` files: both end with the same error.
    @Test(
        .enabled(if: mounter != nil, "nobody here may mount a small file system"),
        arguments: [
            ("size", 22, 60, ""), ("nr_inodes", 9, 40, ""), ("size", 22, 90, "--quilt-state"),
            ("nr_inodes", 9, 60, "--quilt-state"),
        ])
    func atEveryWrite(limit: String, first: Int, last: Int, option: String) throws {
        let mounter = try #require(Self.mounter)
        let unit = limit == "size" ? "$((4 * n))k" : "$n"
        let script = """
            for n in $(seq \(first) \(last)); do
                mount -t tmpfs -o \(limit)=\(unit) none full || exit 1
                cp -a tree full/ 2> /dev/null || { umount full; continue; }
                "$PROGRAM" apply --tree full/tree --series patches \(option) > said 2>&1
                status=$?
                want=tree; test $status = 0 && want=new
                diff -r -x .pc $want full/tree > /dev/null && ! test -e full/tree/.dom0kit-stage && whole=whole || whole=damaged
                test $status = 0 || ! test -e full/tree/.pc || whole=damaged
                echo $status $whole $(grep -c -i 'no space left' said)
                umount full
                test $status = 0 && exit 0
            done
            """
        let ended = try run(
            mounter[0], Array(mounter.dropFirst()) + [script], in: scratch.path,
            environment: ["PROGRAM": CommandFolder.program.path])
        let lines = String(decoding: ended.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 5 && lines.last == "0 whole 0", "\(ended.text)")
        #expect(lines.dropLast().allSatisfy { $0 == "74 whole 1" }, "\(ended.text)")
    }

    /// A series that is moved: the new folder is there as a whole, or not at all.
    @Test(.enabled(if: mounter != nil, "nobody here may mount a small file system"))
    func movedSeries() throws {
        let mounter = try #require(Self.mounter)
        let script = """
            cp -a tree old; sed -i 's/^77$/other/' old/d/f1; cp -a tree next; sed -i 's/^77$/more/' next/d/f1
            printf -- '--- a/d/f1\n+++ b/d/f1\n@@ -76,3 +76,3 @@\n 76\n-other\n+mine\n 78\n' > patches/all.patch
            for n in $(seq 1 60); do
                mount -t tmpfs -o size=$((4 * n))k none full || exit 1
                "$PROGRAM" rebase --from old --to next --series patches --into full/out > said 2>&1
                status=$?
                test $status = 10 && whole=whole || { test -z "$(ls -A full)" && whole=whole || whole=damaged; }
                if test $status = 10; then
                    sed '/^<<<<<<</,/^>>>>>>>/c\\solved' full/out/conflicts/all.patch/files/d/f1 > solved
                    cat solved > full/out/conflicts/all.patch/files/d/f1 2> /dev/null || { umount full; continue; }
                    "$PROGRAM" rebase --continue --into full/out > said 2>&1
                    status=$?
                    test $status = 0 || cmp solved full/out/conflicts/all.patch/files/d/f1 || whole=damaged
                    test "$(ls -A full)" = out || whole=damaged
                fi
                echo $status $whole
                umount full
                test $status = 0 && exit 0
            done
            """
        let ended = try run(
            mounter[0], Array(mounter.dropFirst()) + [script], in: scratch.path,
            environment: ["PROGRAM": CommandFolder.program.path])
        let lines = String(decoding: ended.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 3 && lines.last == "0 whole", "\(ended.text)")
        #expect(lines.dropLast().allSatisfy { $0 == "74 whole" || $0 == "73 whole" }, "\(ended.text)")
    }

    /// A limit on the size of files (`ulimit -f`) is an error of writing too.
    @Test func filesThatMayNotGrow() throws {
        let ended = try run(
            "sh", ["-c", "ulimit -f 4; exec \"$PROGRAM\" apply --tree tree --series patches"], in: scratch.path,
            environment: ["PROGRAM": CommandFolder.program.path])
        #expect(ended.status == 74 && ended.text.contains("File too large"), "\(ended.text)")
        #expect(scratch.shell("test ! -e tree/.dom0kit-stage && test ! -e tree/n && grep -q '^77$' tree/d/f1") == 0)
    }

    /// A result that cannot be written is not a pass either.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
    func resultsThatCannotBeWritten() throws {
        for arguments in ["", "--format json", "--output full/no/such/folder/x"] {
            let ended = try run(
                "sh",
                ["-c", "exec \"$PROGRAM\" apply --dry-run --tree tree --series patches \(arguments) > /dev/full"],
                in: scratch.path, environment: ["PROGRAM": CommandFolder.program.path])
            #expect([73, 74].contains(ended.status), "\(arguments): \(ended.status) \(ended.text)")
        }
    }
}
