import Diagnostics
import Foundation
import Report
import TestSupport
import Testing

/// No text of anybody's data steers a terminal or forges a line of a report.
struct SafeTextTests {
    /// Everything that steers: C0 but tab and newline, DEL, C1, marks and controls of the direction of writing, and the
    /// separators that some terminals take for a newline.
    private static let steering: [Unicode.Scalar] =
        ((0..<32).filter { $0 != 9 && $0 != 10 } + (0x7F..<0xA0) + [0x061C, 0x200E, 0x200F]
        + (0x2028...0x202E) + (0x2066...0x2069)).compactMap(Unicode.Scalar.init)

    @Test(arguments: steering) func aCharacterThatSteersIsWrittenOut(scalar: Unicode.Scalar) {
        for colored in [false, true] {
            let shown = SafeText.rendered("a\(scalar)b", colored: colored)
            #expect(!shown.unicodeScalars.contains(scalar))
            #expect(shown.hasPrefix("a\\") && shown.hasSuffix("b"))
            #expect(shown.contains(String(scalar.value, radix: 16)))
        }
    }

    @Test func howTheyAreWritten() {
        #expect(SafeText.rendered("\u{1B}[2J\u{7}", colored: true) == "\\x1b[2J\\x07")
        #expect(SafeText.rendered("\u{9B}31m\u{7F}", colored: false) == "\\x9b31m\\x7f")
        #expect(SafeText.rendered("a\u{202E}b\u{2066}", colored: false) == "a\\u202eb\\u2066")
        // Swift takes CR LF for one character.
        #expect(SafeText.rendered("a\r\nb", colored: false) == "a\\x0d\nb")
    }

    @Test(arguments: ["plain", "tab\tand\nnewline", "Grüße, 漢字, 🐧, e\u{301}", "\u{A0}\u{AD}\u{2027}\u{202F}\u{2065}"])
    func otherTextIsLeftAlone(text: String) {
        #expect(SafeText.rendered(text, colored: false) == text)
        #expect(SafeText.rendered(text, colored: true) == text)
    }

    @Test func aNameStaysInItsLine() {
        #expect(SafeText.inLine("a\nb\tc\rd\r\ne") == "a\\nb\\tc\\rd\\r\\ne")
        #expect(SafeText.inLine("plain") == "plain")
    }

    // MARK: - In reports

    private struct Probe: Reportable {
        static let schema = "dom0kit.probe/1"
        var name: String
        var verdict: Verdict { .fail }
        var summaryLine: String { name }
        func text(_ style: TextStyle) -> String { style.red(name) + "\n" }
        private enum CodingKeys: String, CodingKey { case name }
    }

    private func render(_ name: String, colored: Bool) throws -> String {
        try Rendering.render(Probe(name: name), as: .text, style: TextStyle(colored: colored))
    }

    @Test func stylesAreTheKitsOwn() throws {
        #expect(try render("x", colored: true) == "\u{1B}[31mx\u{1B}[0m\n\u{1B}[31mfail\u{1B}[0m: x\n")
        #expect(try render("x", colored: false) == "x\nfail: x\n")
    }

    /// Between its marks a style has a number that no data can know.
    @Test func aForgedMarkIsNoStyle() throws {
        for forged in [
            "\u{F8F7}31\u{F8F7}", "\u{F8F7}abc 31\u{F8F7}", "\u{F8F7} 0\u{F8F7}", "\u{F8F7}\u{F8F7}", "\u{F8F7}",
        ] {
            let shown = try render(forged, colored: true)
            #expect(shown.components(separatedBy: "\u{1B}").count == 5, "only the four of the report itself")
            #expect(try !render(forged, colored: false).contains("\u{1B}"))
        }
    }

    @Test func aNewlineInANameForgesNoVerdict() throws {
        let shown = try render("x\npass: everything is well", colored: false)
        #expect(shown.hasSuffix("\nfail: x\\npass: everything is well\n"))
    }

    @Test(arguments: steering) func jsonKeepsItsMeaning(scalar: Unicode.Scalar) throws {
        let name = "a\(scalar)b\"\\\n"
        let shown = try Rendering.render(Probe(name: name), as: .json, style: TextStyle(colored: true))
        #expect(!shown.unicodeScalars.contains(scalar))
        let read = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
        #expect(read?["name"] as? String == name)
    }
}
