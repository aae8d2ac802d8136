import SystemPackage

/// A path inside an archive: relative, without empty, `.` or `..` parts. The bytes are the archive's own.
struct EntryPath: Hashable, Sendable {
    /// The parts joined by slashes; empty for the top.
    let bytes: [UInt8]

    static let top = EntryPath(bytes: [])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a name as archives carry it: `./a//b/` is `a/b`.
    /// - Returns: `nil` for a name that is absolute or climbs with `..`.
    init?(archived raw: UnsafeBufferPointer<UInt8>) {
        if raw.first == UInt8(ascii: "/") { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var start = 0
        while start < raw.count {
            var end = start
            while end < raw.count, raw[end] != UInt8(ascii: "/") { end += 1 }
            let length = end - start
            let dot = UInt8(ascii: ".")
            if length == 2, raw[start] == dot, raw[start + 1] == dot { return nil }
            if length > 0, !(length == 1 && raw[start] == dot) {
                if !result.isEmpty { result.append(UInt8(ascii: "/")) }
                result.append(contentsOf: raw[start..<end])
            }
            start = end + 1
        }
        bytes = result
    }

    init?(archived raw: [UInt8]) {
        guard let path = raw.withUnsafeBufferPointer({ EntryPath(archived: $0) }) else { return nil }
        self = path
    }

    var isTop: Bool { bytes.isEmpty }

    /// The folder it lies in; the top for the top.
    var parent: EntryPath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return .top }
        return EntryPath(bytes: Array(bytes[..<slash]))
    }

    /// The last part.
    var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The parts, first to last.
    var parts: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "/")) }

    func appending(_ part: ArraySlice<UInt8>) -> EntryPath {
        isTop ? EntryPath(bytes: Array(part)) : EntryPath(bytes: bytes + [UInt8(ascii: "/")] + part)
    }

    /// The path for display; bytes that are not UTF-8 are replaced.
    var text: String { isTop ? "." : String(decoding: bytes, as: UTF8.self) }

    var filePath: FilePath { FilePath(archived: bytes) }
}

extension FilePath {
    /// A path from raw bytes, which need not be UTF-8.
    init(archived bytes: [UInt8]) {
        let characters = bytes.prefix { $0 != 0 }.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = characters.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return FilePath() }
            return FilePath(platformString: base)
        }
    }
}
