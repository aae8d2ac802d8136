import Bytes
public import SystemPackage

/// A kernel version as far as it orders releases: `6.1.192`, `2.6.18`. What follows the numbers is dropped.
public struct KernelVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first number.
    public let major: Int
    /// The second number.
    public let minor: Int
    /// The third number; 0 where there is none.
    public let patch: Int

    /// Makes one.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `6.1`, `6.1.192`, `v6.1-rc3`, `6.12.117+deb13-amd64`, `7.2.13-1`.
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
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    /// The version that a source tree's `Makefile` says (`VERSION`, `PATCHLEVEL`, `SUBLEVEL`).
    /// - Throws: ``KconfigError/notAKernelTree(_:)``.
    public init(ofTree tree: FilePath) throws(KconfigError) {
        guard let makefile = try? Files.read(tree.appending("Makefile")) else { throw .notAKernelTree(tree) }
        var numbers: [String: Int] = [:]
        for line in String(decoding: makefile.prefix(4096), as: UTF8.self).split(separator: "\n").prefix(20) {
            let fields = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            if fields.count == 2, let number = Int(fields[1]) { numbers[fields[0]] = number }
        }
        guard let major = numbers["VERSION"], let minor = numbers["PATCHLEVEL"] else { throw .notAKernelTree(tree) }
        self.init(major, minor, numbers["SUBLEVEL"] ?? 0)
    }

    /// `6.1.192`.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Orders by the numbers.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
