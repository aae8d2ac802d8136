import Bytes
import Glibc
public import SystemPackage

/// A name for a file's content and mode: files with equal names are equal, whichever tree they are in.
public struct ContentIdentity: Sendable, Hashable {
    /// What vouches for the equality.
    enum Kind: UInt64, Sendable {
        /// A file system: device, inode, size, mode and times. The content may be the same under another name.
        case inode = 1
        /// A hash of the content: another name means another content or mode.
        case object = 2
        /// A place in a container that has an inode identity itself.
        case member = 3
    }

    let kind: Kind
    /// The numbers that make it up.
    let words: Words

    /// Seven numbers, compared as one.
    struct Words: Sendable, Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
        var fifth: UInt64 = 0
        var sixth: UInt64 = 0
        var seventh: UInt64 = 0
    }

    init(kind: Kind, words: Words) {
        self.kind = kind
        self.words = words
    }

    /// Whether a file of another content may not have this name too: then unequal names mean unequal files.
    var isExhaustive: Bool { kind == .object }

    /// A point in time, as file systems give it.
    public struct Time: Sendable, Hashable, Comparable {
        /// Seconds since 1970.
        public var seconds: Int
        /// Nanoseconds, below 1,000,000,000.
        public var nanoseconds: Int

        /// States a time.
        public init(seconds: Int, nanoseconds: Int = 0) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        /// Now, by the clock that file systems stamp files with.
        public static var now: Time {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &time)
            return Time(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
        }

        /// The earlier one first.
        public static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    /// The name as text, for keys.
    public var text: String {
        [
            kind.rawValue, words.first, words.second, words.third, words.fourth, words.fifth, words.sixth,
            words.seventh,
        ].map { String($0, radix: 16) }.joined(separator: "-")
    }

    /// What a file system says of a file: device, inode, size, mode and times. Names of one file share it.
    public static func inode(_ status: stat) -> ContentIdentity {
        ContentIdentity(
            kind: .inode,
            words: Words(
                first: UInt64(status.st_dev), second: UInt64(status.st_ino),
                third: UInt64(truncatingIfNeeded: status.st_size),
                fourth: UInt64(status.st_mode) << 32 | UInt64(truncatingIfNeeded: status.st_mtim.tv_nsec),
                fifth: UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
                sixth: UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
                seventh: UInt64(truncatingIfNeeded: status.st_ctim.tv_nsec)))
    }

    /// The same of the file at a path, links followed; `nil` where there is none.
    public static func ofFile(_ path: FilePath) -> ContentIdentity? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return inode(status)
    }

    /// A hash of the content (20 to 32 bytes) and the file's mode.
    public static func object(_ hash: [UInt8], mode: UInt32) -> ContentIdentity {
        let number = Fingerprint(hash)
        return ContentIdentity(
            kind: .object,
            words: Words(
                first: number.first, second: number.second, third: number.third, fourth: number.fourth,
                fifth: UInt64(mode), sixth: UInt64(hash.count)))
    }

    /// A file of a container (an archive) whose name this is.
    public func member(_ path: RelativePath) -> ContentIdentity {
        var hash = DigestStream(.sha256)
        withUnsafeBytes(of: words) { hash.update($0) }
        hash.update(path.bytes)
        let digest = Fingerprint(hash.finishBytes())
        var words = words
        // The times stay, for ``isRacy(at:)``.
        (words.first, words.second, words.third) = (digest.first, digest.second, digest.third)
        return ContentIdentity(kind: .member, words: words)
    }

    /// Whether a file with this name can have changed unnoticed after `time`: its own times are not clearly before it, so
    /// that a later change may have left the same times (as with git's index).
    public func isRacy(at time: Time) -> Bool {
        guard kind != .object else { return false }
        // Some file systems keep two-second times.
        let limit = Time(seconds: time.seconds - 2, nanoseconds: time.nanoseconds)
        let modified = Time(
            seconds: Int(Int64(bitPattern: words.fifth)), nanoseconds: Int(words.fourth & 0xFFFF_FFFF))
        let changed = Time(
            seconds: Int(Int64(bitPattern: words.sixth)), nanoseconds: Int(truncatingIfNeeded: words.seventh))
        return modified >= limit || changed >= limit
    }
}

/// A SHA-256 (or a shorter hash) as numbers.
struct Fingerprint: Sendable, Hashable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    /// Takes the first 32 bytes; missing ones are 0.
    init(_ bytes: [UInt8]) {
        func number(_ from: Int) -> UInt64 {
            var number: UInt64 = 0
            for index in from..<from + 8 where index < bytes.count { number |= UInt64(bytes[index]) << (index % 8 * 8) }
            return number
        }
        (first, second, third, fourth) = (number(0), number(8), number(16), number(24))
    }

    /// Takes the numbers.
    init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }
}
