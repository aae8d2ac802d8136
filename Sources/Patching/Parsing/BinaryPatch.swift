import Bytes
import CZlib

/// Applies `GIT binary patch` hunks. The content before and after is checked against git's object names.
enum BinaryPatch {
    /// The largest content that is unpacked, in bytes.
    static let largest = 1 << 30

    /// Why it does not fit.
    struct Mismatch: Error { let reason: String }

    /// The content after a hunk.
    /// - Parameters:
    ///   - hunk: The direction wanted; `nil` where the patch does not carry it.
    ///   - objects: What the `index` line names.
    static func apply(
        _ hunk: BinaryHunk?, to content: Blob, objects: (old: String, new: String)?
    ) throws(Mismatch) -> Blob {
        guard let hunk else { throw Mismatch(reason: "it has no reverse part, so it cannot be taken back") }
        guard let objects else { throw Mismatch(reason: "it has no index line to check the content against") }
        guard isObject(content, objects.old) else {
            throw Mismatch(reason: "the file is not the version it was made for (git object \(objects.old))")
        }
        let data = try inflate(hunk)
        let result =
            switch hunk.method {
            case .literal: Blob(data)
            case .delta: try applyDelta(data, to: content)
            }
        guard isObject(result, objects.new) else {
            throw Mismatch(reason: "the result is not what the index line says (git object \(objects.new))")
        }
        return result
    }

    /// Whether a content has this git object name, or one that starts with it. Zeros stand for no content.
    static func isObject(_ content: Blob, _ name: String) -> Bool {
        if name.allSatisfy({ $0 == "0" }) { return content.count == 0 }
        guard name.count >= 7 else { return false }
        var hash = DigestStream(.sha1)
        hash.update(Array("blob \(content.count)\0".utf8))
        content.withUnsafeBytes { hash.update($0) }
        return hash.finish().hasPrefix(name.lowercased())
    }

    private static func inflate(_ hunk: BinaryHunk) throws(Mismatch) -> [UInt8] {
        // Deflate cannot do better than about 1032 to 1: a larger promise is damage, and not worth its memory.
        guard hunk.size <= hunk.deflated.count * 1100 + 64 else {
            throw Mismatch(reason: "the data is damaged or has the wrong length")
        }
        var input = hunk.deflated
        // One byte more than promised, to see that there is no more.
        var output = [UInt8](repeating: 0, count: hunk.size + 1)
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Mismatch(reason: "the data cannot be unpacked")
        }
        defer { inflateEnd(&stream) }
        let (status, produced) = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(clamping: source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(clamping: target.count)
                return (CZlib.inflate(&stream, Z_FINISH), target.count - Int(stream.avail_out))
            }
        }
        guard status == Z_STREAM_END, produced == hunk.size else {
            throw Mismatch(reason: "the data is damaged or has the wrong length")
        }
        output.removeLast()
        return output
    }

    /// Follows git's delta instructions: two lengths, then pieces to copy from the old content or to take as they are
    /// (git, `patch-delta.c`).
    private static func applyDelta(_ delta: [UInt8], to content: Blob) throws(Mismatch) -> Blob {
        let damaged = Mismatch(reason: "the delta is damaged")
        var at = 0
        func length() throws(Mismatch) -> Int {
            var value = 0
            var shift = 0
            while true {
                guard at < delta.count, shift < 42 else { throw damaged }
                let byte = delta[at]
                at += 1
                value |= Int(byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 { return value }
            }
        }
        guard try length() == content.count else { throw Mismatch(reason: "the delta was made for other content") }
        let size = try length()
        guard size <= largest else { throw damaged }
        var result: [UInt8] = []
        result.reserveCapacity(size)
        while at < delta.count {
            let operation = delta[at]
            at += 1
            if operation & 0x80 != 0 {
                var numbers = [0, 0]
                for bit in 0..<7 where operation & (1 << bit) != 0 {
                    guard at < delta.count else { throw damaged }
                    let (number, place) = bit < 4 ? (0, bit) : (1, bit - 4)
                    numbers[number] |= Int(delta[at]) << (8 * place)
                    at += 1
                }
                let count = numbers[1] == 0 ? 0x10000 : numbers[1]
                guard numbers[0] + count <= content.count, result.count + count <= size else { throw damaged }
                let line = content.line(numbers[0], numbers[0] + count)
                result.append(contentsOf: UnsafeBufferPointer(start: line.start, count: line.count))
            } else {
                let count = Int(operation)
                guard count > 0, at + count <= delta.count, result.count + count <= size else { throw damaged }
                result += delta[at..<at + count]
                at += count
            }
        }
        guard result.count == size else { throw damaged }
        return Blob(result)
    }
}
