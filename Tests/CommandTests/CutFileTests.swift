import Bytes
import SystemPackage
import TestSupport
import Testing

/// A patch file that another program cuts off while it is read: there is either the right result or none,
/// and never half of one.
@Suite(.serialized) struct CutFileTests {
    private let scratch: Scratch

    /// Sixty files, and a patch of some megabytes for them.
    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            """
            set -e
            mkdir tree
            for n in $(seq 60); do seq 6000 > tree/f$n; done
            cp -a tree new
            for n in $(seq 60); do sed -i 's/.*5$/& changed/' new/f$n; done
            diff -rup tree new > full.patch || :
            sed -i -e 's,^--- tree/,--- a/,' -e 's,^+++ new/,+++ b/,' full.patch
            """)
        try #require(made == 0)
    }

    /// Runs a command again and again and cuts the patch off meanwhile, each time at another point of its run, until it has
    /// seen that.
    /// - Returns: A line a run: the exit code, `old` or `new` or `damaged` for the tree, and `cut` where it said so.
    private func runs(_ command: String) throws -> [String] {
        let script = """
            half=$(($(stat -c %s full.patch) / 2))
            cp full.patch some.patch
            length=1000000000
            for n in 1 2 3; do
                rm -rf work && cp -a tree work
                begin=$(date +%s%N)
                \(command) > /dev/null 2>&1
                now=$(($(date +%s%N) - begin))
                test $now -lt $length && length=$now
            done
            for n in $(seq 300); do
                rm -rf work && cp -a tree work
                cat full.patch > some.patch
                pause=$(printf '0.%09d' $((length * (n * 37 % 100) / 100)))
                \(command) > said 2>&1 &
                sleep $pause
                truncate -s $half some.patch
                wait $!
                status=$?
                found=damaged
                diff -r tree work > /dev/null && found=old
                diff -r new work > /dev/null && found=new
                echo $status $found $(grep -o 'was cut off' said | cut -c 5-7)
                grep -q 'was cut off' said && test $n -gt 20 && break
            done
            """
        let ended = try run(
            "sh", ["-c", script], in: scratch.path, environment: ["PROGRAM": CommandFolder.program.path])
        return String(decoding: ended.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// `apply` changes everything or nothing; `verify` finds a whole patch strictly clean, or gives no verdict.
    @Test(arguments: [("apply --tree work", "0 new"), ("verify --strict --tree work", "0 old")])
    func theResultIsRightOrThereIsNone(command: String, whole: String) throws {
        let lines = try runs("\"$PROGRAM\" \(command) --series some.patch")
        #expect(lines.count > 20)
        #expect(lines.allSatisfy { [whole, "65 old", "75 old", "75 old cut"].contains($0) }, "\(Set(lines))")
        #expect(lines.contains("75 old cut"), "\(Set(lines))")
    }
}
