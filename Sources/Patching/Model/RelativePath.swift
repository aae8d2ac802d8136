import Glibc

/// The path of a file below the top of a tree: bytes, `/` between the components, none of them empty, `.` or `..`.
public struct RelativePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The path's bytes, as the file system takes them.
    public let bytes: [UInt8]
    /// The bytes' hash: a path is looked up far more often than it is made.
    private let bytesHash: Int

    /// A path from bytes: repeated slashes and `.` components fall away.
    ///
    /// `nil` for an empty path, an absolute one, one with `..`, and one with a NUL byte.
    public init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard let first = bytes.first, first != UInt8(ascii: "/"), !bytes.contains(0) else { return nil }
        var needsWork = bytes.last == UInt8(ascii: "/")
        var start = 0
        for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "/") {
            switch index - start {
            case 0: needsWork = true
            case 1 where bytes[start] == UInt8(ascii: "."): needsWork = true
            case 2 where bytes[start] == UInt8(ascii: ".") && bytes[start + 1] == UInt8(ascii: "."): return nil
            default: break
            }
            start = index + 1
        }
        if needsWork {
            let parts = bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }
            guard !parts.isEmpty else { return nil }
            self.init(trusted: Array(parts.joined(separator: [UInt8(ascii: "/")])))
        } else {
            self.init(trusted: bytes)
        }
    }

    /// A path from text.
    public init?(_ text: String) { self.init(text.utf8) }

    private init(trusted: [UInt8]) {
        bytes = trusted
        var hasher = Hasher()
        trusted.withUnsafeBytes { hasher.combine(bytes: $0) }
        bytesHash = hasher.finalize()
    }

    /// Stands in reports for a file whose name is not known.
    static let unnamed = RelativePath(trusted: Array("(unnamed)".utf8))

    /// The path for a person; bytes that are no UTF-8 are shown as replacement characters.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The same as ``string``.
    public var description: String { string }

    /// Whether it is one of git's own files (a component `.git`) or the kit's: no patch has business there, and git runs
    /// some of them.
    var isReserved: Bool {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            if bytes[start] == UInt8(ascii: ".") {
                let part = bytes[start..<end]
                if part.elementsEqual(".git".utf8) || start == 0 && part.elementsEqual(".dom0kit-stage".utf8) {
                    return true
                }
            }
            start = end + 1
        }
        return false
    }

    /// The folders above the file, outermost first.
    public var parents: [RelativePath] {
        bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") }.map { RelativePath(trusted: Array(bytes[..<$0])) }
    }

    /// The folder the file is in; `nil` at the top of the tree.
    public var parent: RelativePath? {
        bytes.lastIndex(of: UInt8(ascii: "/")).map { RelativePath(trusted: Array(bytes[..<$0])) }
    }

    /// The bytes before the last slash; none at the top of the tree.
    package var parentBytes: ArraySlice<UInt8> { bytes[..<(bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)] }

    /// The last component.
    public var name: [UInt8] {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes }
        return Array(bytes[(slash + 1)...])
    }

    /// The components, outermost first.
    public var components: [[UInt8]] { bytes.split(separator: UInt8(ascii: "/")).map(Array.init) }

    /// Bytewise order.
    public static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(first, second, min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }

    /// Whether the bytes are the same.
    public static func == (left: RelativePath, right: RelativePath) -> Bool {
        left.bytesHash == right.bytesHash && left.bytes == right.bytes
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytesHash) }
}
