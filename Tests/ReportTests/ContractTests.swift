import Diagnostics
import Foundation
import Hypervisor
import KernelImage
import Patching
import Porting
import Report
import Testing

/// The fields that pipelines rely on: named in the design, added to, never renamed or dropped.
struct ContractTests {
    /// The keys of a path, `[]` for every element of a list: `patches[].files[].path`. What of them a result lacks.
    private static func missing(_ paths: [String], in result: some Reportable) throws -> [String] {
        let text = try Rendering.render(result, as: .json, style: TextStyle(colored: false))
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return (["schema", "verdict"] + paths).filter { !has($0.split(separator: ".").map(String.init)[...], json) }
    }

    private static func has(_ path: ArraySlice<String>, _ value: Any) -> Bool {
        guard let first = path.first else { return true }
        let isList = first.hasSuffix("[]")
        guard let map = value as? [String: Any], let next = map[isList ? String(first.dropLast(2)) : first] else {
            return false
        }
        guard isList else { return has(path.dropFirst(), next) }
        guard let list = next as? [Any], !list.isEmpty else { return false }
        return list.allSatisfy { has(path.dropFirst(), $0) }
    }

    private static let apply = [
        "summary.patches", "summary.clean", "summary.offset", "summary.fuzz", "summary.alreadyApplied",
        "summary.failed", "summary.files", "summary.hunks", "patches[].name", "patches[].verdict",
        "patches[].ignored[].line", "patches[].ignored[].text", "patches[].files[].path",
        "patches[].files[].operation", "patches[].files[].verdict", "patches[].files[].hunks[].number",
        "patches[].files[].hunks[].verdict", "patches[].files[].hunks[].oldLine", "patches[].files[].hunks[].offset",
        "patches[].files[].hunks[].fuzz", "patches[].files[].hunks[].section", "failure.patch", "failure.file",
        "failure.hunk", "failure.reason", "failure.explanation",
    ]

    /// A series of one patch with a hunk that does not fit, and text behind it that nothing is done with.
    private static func failing() throws -> SeriesReport {
        let patch = """
            --- a/f
            +++ b/f
            @@ -1,3 +1,3 @@ function
             one
            -two
            +TWO
             four
            left over

            """
        let path = try #require(RelativePath(Array("f".utf8)[...]))
        let tree = MemoryTree([path: TreeFile(content: Blob(Array("one\ntwo\nthree\n".utf8)))])
        return try SeriesApplication.run(
            patches: [PatchInput(name: "a.patch", bytes: Array(patch.utf8))], on: tree
        ).report
    }

    @Test func applyAndVerify() throws {
        let report = try Self.failing()
        #expect(!report.failures.isEmpty)
        let apply = ApplyReport(ApplyOutcome(report), tree: "tree", policy: .standard, strict: false)
        #expect(apply.verdict == .fail)
        #expect(try Self.missing(Self.apply, in: apply) == [])
        let verify = VerifyReport(
            VerifyOutcome([.init(tree: "tree", series: "series", policy: .standard, report: report)]),
            policies: [.standard], strict: false)
        #expect(try Self.missing(Self.apply + Self.apply.map { "results[]." + $0 }, in: verify) == [])
    }

    @Test func textEndsWithOneVerdictLine() throws {
        let apply = ApplyReport(
            ApplyOutcome(try Self.failing()), tree: "tree", policy: .standard, strict: false)
        let text = try Rendering.render(apply, as: .text, style: TextStyle(colored: false))
        #expect(text.hasSuffix("\n"))
        #expect(text.split(separator: "\n").last?.hasPrefix("fail: 1 patch, 1 hunk in ") == true)
        #expect(!text.contains("\u{1B}"))
    }

    @Test func inspect() throws {
        let facts = try JSONDecoder().decode(
            ImageFacts.self,
            from: Data(
                """
                {"image": {"format": "bzImage", "compression": "gzip", "version": "6.1.192", "bootProtocol": "2.15",
                 "kernelSize": 1}, "xen": {"source": "notes", "notes": {"ENTRY": "0x1"}, "features": ["dom0"]},
                 "dom0": {"pv": {"supported": true, "reasons": [], "caveats": []},
                 "pvh": {"supported": false, "reasons": ["why"], "caveats": []}}}
                """.utf8))
        let report = InspectReport(
            path: "image", sha256: "00", facts: facts, missing: [], configurationFile: nil, modes: [.pv])
        #expect(report.verdict == .pass)
        #expect(
            try Self.missing(
                [
                    "image.format", "image.compression", "image.version", "image.bootProtocol", "xen.notes.ENTRY",
                    "xen.features", "dom0.pv.supported", "dom0.pv.reasons", "dom0.pvh.supported", "dom0.pvh.reasons",
                    "config.embedded", "config.missing",
                ], in: report) == [])
        let asPVH = InspectReport(
            path: "image", sha256: "00", facts: facts, missing: [], configurationFile: nil, modes: [.pvh])
        #expect(asPVH.verdict == .fail)
    }

    @Test func boot() throws {
        let verdict = try JSONDecoder().decode(
            BootVerdict.self,
            from: Data(
                """
                {"verdict": "fail", "hypervisor": {"name": "xen-4.17", "version": "4.17.7", "packages": []},
                 "dom0": {"mode": "pv", "kernel": "image", "sha256": "00"},
                 "stages": [{"name": "xen", "verdict": "pass", "seconds": 1.5, "evidence": ["line\\u001b[31m"]}],
                 "notReached": ["control"], "expectations": [], "guests": [],
                 "failure": {"stage": "dom0-build", "class": "refused", "reason": "why", "lines": ["line"]},
                 "warnings": [], "seconds": 2, "notChecked": [],
                 "machine": {"accelerator": "tcg", "clock": "instructions", "virtualization": "none", "share": 1}, "reproduce": "qemu", "artefacts": []}
                """.utf8))
        let report = BootReport(verdict)
        #expect(
            try Self.missing(
                [
                    "hypervisor.name", "hypervisor.version", "dom0.mode", "dom0.kernel", "stages[].name",
                    "stages[].verdict", "stages[].seconds", "stages[].evidence", "failure.stage", "failure.class",
                    "failure.lines", "reproduce",
                ], in: report) == [])
        let text = try Rendering.render(report, as: .text, style: TextStyle(colored: false))
        #expect(text.hasSuffix("fail: dom0-build: refused: why\n"))
        // What another machine printed cannot steer the terminal.
        #expect(!text.contains("\u{1B}"))
    }
}
