public import SystemPackage

/// Where an archive or a compressed stream comes from.
public indirect enum ArchiveSource: Sendable, CustomStringConvertible {
    /// A file.
    case file(FilePath)
    /// Bytes in memory, with the name errors call them by.
    case bytes([UInt8], name: String)
    /// The first member of another archive whose name fits, read as it is unpacked (no intermediate file).
    case member(of: ArchiveSource, MemberPattern)

    /// The files a `.deb` installs: its `data.tar`, whatever its compression (deb(5)).
    public static func debianPackage(_ path: FilePath) -> ArchiveSource {
        .member(of: .file(path), MemberPattern(prefix: "data.tar"))
    }

    /// The path, or `PATH: MEMBER`.
    public var description: String {
        switch self {
        case .file(let path): path.string
        case .bytes(_, let name): name
        case .member(let outer, let pattern): "\(outer): \(pattern)"
        }
    }

    /// Opens the stream of its bytes, still compressed.
    func open(_ limits: ArchiveLimits) throws(ArchiveError) -> any ByteStream {
        switch self {
        case .file(let path): return try FileStream(path)
        case .bytes(let bytes, let name): return MemoryStream(bytes, name: name)
        case .member(let outer, let pattern):
            let reader = try ArchiveReader(outer, limits: limits)
            while let entry = try reader.next() {
                guard entry.kind == .file, pattern.matches(entry.location.text) else { continue }
                return MemberStream(reader, name: "\(reader.name): \(entry.location.text)")
            }
            throw ArchiveError(reader.name, .noMember("\(pattern)"))
        }
    }
}

/// Which member of an archive is meant: one whose cleaned path begins and ends so.
public struct MemberPattern: Sendable, CustomStringConvertible {
    /// The beginning of the path.
    public var prefix: String
    /// The end of the path.
    public var suffix: String

    /// A pattern; an empty part fits everything.
    public init(prefix: String, suffix: String = "") {
        self.prefix = prefix
        self.suffix = suffix
    }

    /// Whether a path, without leading `./`, fits.
    public func matches(_ path: String) -> Bool {
        path.utf8.count >= prefix.utf8.count + suffix.utf8.count && path.hasPrefix(prefix) && path.hasSuffix(suffix)
    }

    /// `prefix*suffix`.
    public var description: String { "\(prefix)*\(suffix)" }
}

/// The content of a reader's current entry as a stream.
final class MemberStream: ByteStream {
    let name: String
    private let reader: ArchiveReader
    private var ended = false

    init(_ reader: ArchiveReader, name: String) {
        self.reader = reader
        self.name = name
    }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        if !ended {
            if let piece = try reader.piece() { return piece }
            ended = true
            // What follows in the outer archive is not read; what carries this member's bytes is checked there.
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
