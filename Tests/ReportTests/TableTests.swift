import Diagnostics
import Report
import Testing

/// Columns, and colours that take no room in them.
struct TableTests {
    private struct Probe: Reportable {
        static let schema = "dom0kit.probe/1"
        var rows: [[String]]
        var verdict: Verdict { .pass }
        var summaryLine: String { "done" }
        func text(_ style: TextStyle) -> String {
            var table = Table()
            for row in rows {
                switch row.count {
                case 1: table.add(row[0])
                case 2: table.add(style.bold(row[0]), row[1])
                default: table.add(style.bold(row[0]), row[1], row[2])
                }
            }
            return table.text()
        }
        private enum CodingKeys: String, CodingKey { case rows }
    }

    private func render(_ rows: [[String]], colored: Bool = false) throws -> String {
        try Rendering.render(Probe(rows: rows), as: .text, style: TextStyle(colored: colored))
    }

    @Test func columnsAreAsWideAsTheirWidestCell() throws {
        #expect(
            try render([["a", "long cell", "x"], ["longer", "b", "y"]])
                == "a       long cell  x\nlonger  b          y\npass: done\n")
    }

    @Test func nothingTrails() throws {
        #expect(try render([["a", ""], ["longer", "b"]]) == "a\nlonger  b\npass: done\n")
        #expect(try render([]) == "pass: done\n")
    }

    @Test func coloursTakeNoRoom() throws {
        let plain = try render([["a", "x"], ["longer", "y"]])
        let colored = try render([["a", "x"], ["longer", "y"]], colored: true)
        #expect(colored.contains("\u{1B}[1ma\u{1B}[0m       x\n"))
        #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: { _ in "" }) == plain)
    }
}
