/// A kernel release as the top of its `Makefile` states it.
public struct KernelVersion: Sendable, Hashable, Codable, CustomStringConvertible {
    /// `VERSION`.
    public var version: Int
    /// `PATCHLEVEL`.
    public var patchLevel: Int
    /// `SUBLEVEL`; `nil` where the Makefile leaves it empty.
    public var subLevel: Int?
    /// `EXTRAVERSION`, such as `-rc1` or `.3`; empty for none.
    public var extra: String

    /// States a version.
    public init(_ version: Int, _ patchLevel: Int, _ subLevel: Int?, extra: String = "") {
        self.version = version
        self.patchLevel = patchLevel
        self.subLevel = subLevel
        self.extra = extra
    }

    /// Reads the assignments in the first lines of a kernel's top Makefile; each value is taken as it is, never expanded.
    /// - Returns: `nil` where `VERSION` or `PATCHLEVEL` is missing or no number.
    public init?(makefile: [UInt8]) {
        var values: [String: String] = [:]
        for line in makefile.prefix(4096).split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = Self.trimmed(line[..<equals])
            guard ["VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION"].contains(name), values[name] == nil else {
                continue
            }
            values[name] = Self.trimmed(line[line.index(after: equals)...])
        }
        guard let version = values["VERSION"].flatMap({ Int($0) }),
            let patchLevel = values["PATCHLEVEL"].flatMap({ Int($0) })
        else { return nil }
        self.init(version, patchLevel, values["SUBLEVEL"].flatMap { Int($0) }, extra: values["EXTRAVERSION"] ?? "")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let blank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
        return String(decoding: bytes.drop(while: blank).reversed().drop(while: blank).reversed(), as: UTF8.self)
    }

    /// `6.1.192`, as `make kernelversion` prints it.
    public var description: String { "\(version).\(patchLevel)" + (subLevel.map { ".\($0)" } ?? "") + extra }
}
