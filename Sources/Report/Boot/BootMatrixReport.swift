public import Diagnostics
public import Hypervisor

/// What `dom0kit boot --matrix` shows: a table of kernels, hypervisors and modes of dom0.
public struct BootMatrixReport: Reportable {
    public static let schema = "dom0kit.boot-matrix/1"
    /// The combinations.
    public let cells: [BootMatrix.Cell]

    /// Makes the report.
    public init(_ cells: [BootMatrix.Cell]) { self.cells = cells }

    private enum CodingKeys: String, CodingKey {
        case cells
    }

    /// Whether any failed because of its kernel.
    public var failed: [BootMatrix.Cell] { cells.filter { $0.result.verdict == .fail } }

    public var verdict: Verdict { cells.map(\.result.verdict).max() ?? .pass }

    public var summaryLine: String {
        "\(cells.count - failed.count) of \(cells.count) combinations of kernel, hypervisor and dom0 mode passed"
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for cell in cells {
            let guests = cell.result.guests.map(\.mode.rawValue).joined(separator: ", ")
            let said = cell.result.failure.map { "\($0.stage): \($0.kind.rawValue): \($0.reason)" }
            let unchecked = cell.result.notChecked.map(\.stage).joined(separator: ", ")
            table.add(
                style.verdict(cell.result.verdict), style.bold(cell.result.dom0.release ?? cell.kernel),
                cell.hypervisor,
                "dom0 \(cell.dom0.rawValue)", "\(Int(cell.result.seconds.rounded())) s",
                said ?? ("guests: \(guests.isEmpty ? "none" : guests)")
                    + (unchecked.isEmpty ? "" : "; not checked: \(unchecked)"))
        }
        return table.text()
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(cells, forKey: .cells)
    }
}
