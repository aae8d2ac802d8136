import Bytes
import RpmSpec
import SystemPackage
import TestSupport
import Testing

/// Macros and expressions of specs, with rpmspec as the judge.
@Suite(.enabled(if: hasTool("rpmspec"), "needs rpm")) struct SpecMacroTests {
    /// Each is put into the name of a patch.
    static let values = [
        "%{a}", "%a-x", "%{?a}", "%{?gone}", "%{!?gone:none}", "%{!?a:none}", "%{?a:yes}", "%{?gone:yes}",
        "%{?a:%{?b:both}}",
        "%{!?gone:%{!?away:neither}}", "%%a", "x%{nil}y", "%{name}-%{version}", "%{NAME}", "%{PACKAGE_VERSION}",
        "%{gone}",
        "%{f one two}", "%{g -v one}", "%{g -n 5 one two}", "%{g -n5}", "%{g}", "%{h:arg}", "%{expand:%{a}}",
        "%{expand:%%{a}}",
        "%{basename:/x/y.c}", "%{dirname:/x/y.c}", "%{suffix:y.c}",

        "%{sub:abcdef 2 3}", "%{gsub:aXbX X y}", "%{rep:ab 2}", "%{shrink: a   b }",
        "%[1 + 2 * 3]", "%[(1 + 2) * 3]", "%[7 / 2]", "%[-3]", "%[\"a\" == \"a\"]", "%[\"a\" < \"b\"]",
        "%[1 < 2 && 2 < 3]",
        "%[0 || 4]", "%[!0]", "%[1 ? 2 : 3]", "%[1 && 2]", "%[0 && 2]", "%[\"x\" || \"y\"]", "%[\"\" || \"y\"]",
        "%[\"a\" + \"b\"]", "%[1 > 2 || 3 > 2]", "%[2 - 5]", "%[1 == 1]", "%[!5]", "%[!\"\"]", "%[0 ? \"x\" : \"y\"]",
        "%{expr:1+1}", "%[\"%{a}\" == \"alpha\" ? 5 : 6]",
        "%[v\"1.2\" < v\"1.10\"]", "%{nested}", "%{?nested:%nested}", "%{c}", "%{with on}", "%{with off}",
        "%{without off}",
        "%{defined a}", "%{undefined a}", "%{defined gone}", "%{?with_on:on}", "%{!?with_off:off}", "%{?_with_on}",
        "%{macro_of_a}", "%{?!a:x}", "%{?!gone:x}", "%{??a}",
    ]

    private static let head = """
        %define a alpha
        %global b beta%{a}
        %define c %{a}%{b}
        %define nested %{?c:[%{c}]}
        %define f() one=%1,two=%2,all=%*,count=%#,name=%0
        %define g(vn:) v=%{-v:yes}%{!-v:no},n=%{-n*},first=%1,count=%#
        %define h() arg=%1
        %global macro_of_a %{expand:%%{a}}
        %define multi one\\
        two
        %bcond_without on
        %bcond_with off
        Name: kit
        Version: 1.0
        Release: 1
        Summary: x
        License: x

        """

    private func spec(at path: FilePath) throws -> SpecFile {
        let lines = String(decoding: try Files.read(path), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return try SpecFile(lines, architecture: "x86_64", macros: [:]) { _ in nil }
    }

    @Test(arguments: values.indices) func sameAsRpm(index: Int) throws {
        let scratch = try Scratch()
        let value = Self.values[index]
        let body = "Group: @\(value)@\n%description\nx\n%prep\n"
        try scratch.file("kit.spec", Array((Self.head + body).utf8))
        let parsed = shell("rpmspec -P kit.spec > want 2> errors", in: scratch.path) == 0
        let marked = Self.head + "%prep\nunknown_command '@\(value)@'\n"
        try scratch.file("read.spec", Array(marked.utf8))
        guard parsed else {
            // What rpm refuses must not be read as something.
            #expect(throws: SpecProblem.self, "\(value)") {
                try spec(at: scratch.path.appending("read.spec"))
            }
            return
        }
        let want = String(decoding: try Files.read(scratch.path.appending("want")), as: UTF8.self)
        let from = try #require(want.firstRange(of: "Group: @"))
        let to = try #require(want[from.upperBound...].firstRange(of: "@\n%description"))
        let text = String(want[from.upperBound..<to.lowerBound])
        let read = try self.spec(at: scratch.path.appending("read.spec"))
        let notes = read.gaps.map(\.text)
        let got = notes.contains { $0.hasSuffix("may change the tree: unknown_command @\(text)@") }
        // What the kit does not evaluate has to be said.
        let said = notes.contains { $0.contains("may change the tree: %{") || $0.contains("may change the tree: %[") }
        #expect(got || said, "\(value): rpm has '\(text)'; \(notes)")
    }

    /// Conditions, each with what is under it.
    @Test(arguments: [
        "1", "0", "\"%{a}\" == \"alpha\"", "\"%{a}\" != \"alpha\"", "0%{?gone}", "1%{?gone}", "0%{?seven}",
        "%{with on}",
        "!%{with on}", "%{with on} && !%{with off}", "%{with off} || %{with on}", "(1 && 0) || 1", "1 && (0 || 0)",
        "%{seven} >= 7", "%{seven} > 7", "%{seven} + 1 == 8", "0%{?seven} > 5 && 0%{?seven} < 9", "!0%{?gone}",
        "\"\" == \"%{?gone}\"",
        "%{undefined gone}", "%{defined a}", "\"%{_target_cpu}\" == \"x86_64\"", "0%{!?gone:1}", "\"a\" < \"b\"",
        "-1 < 0", "2 * 3 == 6",
        "%{?gone}%{!?gone:0}", "1 || 0 && 0", "0 && 0 || 1", "1 && 0 || 1 && 0", "2 < 3 == 1", "10 - 2 - 3 == 5",
        "!\"\"", "!\"x\"", "1 ? 0 : 1", "\"b\" > \"a\" && 1", "v\"2.6.9\" < v\"2.6.18\"", "1 == 1 == 1",
        "v\"2.6.18\" < v\"2.6.32\"",
    ]) func sameConditionsAsRpm(condition: String) throws {
        let scratch = try Scratch()
        let text =
            Self.head + "%define seven 7\n%if \(condition)\nURL: taken\n%else\nURL: other\n%endif\n%description\nx\n"
        try scratch.file("kit.spec", Array((text + "%prep\n").utf8))
        let parsed = shell("rpmspec --target x86_64 -P kit.spec > want 2> errors", in: scratch.path) == 0
        let read =
            Self.head
            + "%define seven 7\n%prep\n%if \(condition)\nunknown_command taken\n%else\nunknown_command other\n%endif\n"
        try scratch.file("read.spec", Array(read.utf8))
        guard parsed else {
            #expect(throws: SpecProblem.self, "\(condition)") {
                try spec(at: scratch.path.appending("read.spec"))
            }
            return
        }
        let want = String(decoding: try Files.read(scratch.path.appending("want")), as: UTF8.self)
        let isTaken = want.contains("URL: taken")
        let notes = try self.spec(at: scratch.path.appending("read.spec")).gaps.map(\.text)
        #expect(
            notes == ["a command that is not read may change the tree: unknown_command \(isTaken ? "taken" : "other")"],
            "\(condition): \(notes)")
    }
}
