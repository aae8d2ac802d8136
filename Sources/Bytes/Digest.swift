import CCrypto
public import SystemPackage

/// A SHA-256 digest, written as 64 lowercase hexadecimal digits.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The 64 hexadecimal digits.
    public let hex: String

    /// The digest of some bytes.
    public init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(of: $0) } }

    /// The digest of some bytes.
    public init(of bytes: UnsafeRawBufferPointer) {
        var hash = DigestStream(.sha256)
        hash.update(bytes)
        hex = hash.finish()
    }

    /// The digest of a text's UTF-8.
    public init(of text: String) { self.init(of: Array(text.utf8)) }

    /// The digest of a file's content, read in pieces.
    /// - Throws: ``BytesError``.
    public init(ofFile path: FilePath) throws(BytesError) {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            hex = try descriptor.closeAfter {
                var hash = DigestStream(.sha256)
                var piece = [UInt8](repeating: 0, count: 1 << 18)
                while true {
                    let count = try piece.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                    if count == 0 { break }
                    piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                }
                return hash.finish()
            }
        } catch {
            throw BytesError(path: path, operation: .read, errno: (error as? Errno) ?? .ioError)
        }
    }

    /// A digest read from its hexadecimal form; `nil` unless it is 64 hexadecimal digits.
    public init?(hex: String) {
        let lower = hex.lowercased()
        guard lower.utf8.count == 64, lower.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.hex = lower
    }

    /// The hexadecimal form.
    public var description: String { hex }
}

/// A running hash, by libcrypto.
public struct DigestStream: ~Copyable {
    /// The hash functions the kit needs.
    public enum Function: Sendable {
        /// SHA-256: every checksum of the kit's own and of Debian's archive.
        case sha256
        /// SHA-1: git object names, where a patch carries them.
        case sha1
    }

    private let context: OpaquePointer

    /// Starts one.
    public init(_ function: Function) {
        // EVP_MD_CTX_new fails only without memory, where nothing else would work either.
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a hash context") }
        self.context = context
        EVP_DigestInit_ex(context, function == .sha256 ? EVP_sha256() : EVP_sha1(), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Takes more bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Ends it: the digest in lowercase hexadecimal digits (64 for SHA-256, 40 for SHA-1).
    public consuming func finish() -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: finishBytes().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Ends it: the digest's bytes (32 for SHA-256, 20 for SHA-1).
    public consuming func finishBytes() -> [UInt8] {
        var length: UInt32 = 0
        return [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
            count = Int(length)
        }
    }
}
