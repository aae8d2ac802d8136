/// A kernel version, as the top of its `Makefile` states it: `6.1.192`, `2.6.18`, `6.12-rc3`.
///
/// Ordered by its three numbers; of two that have the same numbers the one with an `-rc` suffix comes first.
public struct KernelVersion: Sendable, Codable, CustomStringConvertible {
    /// `VERSION`.
    public var version: Int
    /// `PATCHLEVEL`.
    public var patchLevel: Int
    /// `SUBLEVEL`; `nil` where it is not given, which orders like 0.
    public var subLevel: Int?
    /// `EXTRAVERSION`, such as `-rc1` or `.3`; empty for none.
    public var extra: String

    /// Creates a version from its parts.
    public init(_ version: Int, _ patchLevel: Int, _ subLevel: Int? = nil, extra: String = "") {
        self.version = version
        self.patchLevel = patchLevel
        self.subLevel = subLevel
        self.extra = extra
    }

    /// The numbers alone, without ``extra``: what decides which requirements apply, since a release candidate has the
    /// symbols of its release.
    public var release: KernelVersion { KernelVersion(version, patchLevel, subLevel) }

    /// Whether its numbers are those of another one; of one without a third number (`6.1`) any is.
    public func isRelease(of other: KernelVersion) -> Bool {
        other.subLevel == nil
            ? (version, patchLevel) == (other.version, other.patchLevel) : release == other.release
    }

    /// `6.1.192`, as `make kernelversion` prints it.
    public var description: String { "\(version).\(patchLevel)" + (subLevel.map { ".\($0)" } ?? "") + extra }
}

extension KernelVersion {
    /// Reads the numbers at the start of a text: `6.1`, `v6.1-rc3`, `6.12.117+deb13-amd64`, `7.2.13-1`.
    ///
    /// What follows them is dropped: in a package's or a tag's version it means something other than `EXTRAVERSION`.
    /// - Returns: `nil` where there are fewer than two numbers.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "v") { rest = rest.dropFirst() }
        var numbers: [Int] = []
        while numbers.count < 3 {
            let digits = rest.prefix { (48...57).contains($0) }
            guard !digits.isEmpty, let number = Int(String(Substring(digits))) else { break }
            numbers.append(number)
            rest = rest.dropFirst(digits.count)
            guard rest.first == UInt8(ascii: ".") else { break }
            rest = rest.dropFirst()
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : nil)
    }

    /// Reads the assignments in the first lines of a kernel's top `Makefile`; values are taken literally, never expanded.
    /// - Returns: `nil` where `VERSION` or `PATCHLEVEL` is missing or not a number.
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
}

extension KernelVersion: Comparable, Hashable {
    /// `6.1` and `6.1.0` are the same version.
    public static func == (left: KernelVersion, right: KernelVersion) -> Bool {
        left.numbers == right.numbers && left.extra == right.extra
    }

    /// Orders by the numbers, then release candidates before their release, then by the text of ``extra``.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        if left.numbers != right.numbers { return left.numbers < right.numbers }
        let (leftIsCandidate, rightIsCandidate) = (left.extra.hasPrefix("-rc"), right.extra.hasPrefix("-rc"))
        if leftIsCandidate != rightIsCandidate { return leftIsCandidate }
        if let first = left.candidate, let second = right.candidate, first != second { return first < second }
        return left.extra < right.extra
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(version)
        hasher.combine(patchLevel)
        hasher.combine(subLevel ?? 0)
        hasher.combine(extra)
    }

    private var numbers: (Int, Int, Int) { (version, patchLevel, subLevel ?? 0) }

    /// The `N` of `-rcN`.
    private var candidate: Int? { extra.hasPrefix("-rc") ? Int(extra.dropFirst(3).prefix { $0.isNumber }) : nil }
}
