import Glibc

extension [UInt8] {
    /// The unsigned number of `size` bytes at `offset`, least significant byte first; `nil` where the bytes end before.
    func number(at offset: Int, size: Int) -> UInt64? {
        guard offset >= 0, size <= 8, offset <= count - size else { return nil }
        return self[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The bytes from `offset` up to the next zero byte, at most `limit` of them, as text.
    func text(at offset: Int, limit: Int) -> String? {
        guard indices.contains(offset) else { return nil }
        return String(decoding: self[offset...].prefix(limit).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Where `pattern` begins for the first time at or after `start`.
    func position(of pattern: [UInt8], from start: Int = 0) -> Int? {
        guard start >= 0, let first = pattern.first else { return nil }
        return withUnsafeBytes { whole in
            pattern.withUnsafeBytes { needle in
                guard let base = whole.baseAddress, let what = needle.baseAddress else { return nil }
                var place = start
                while place <= whole.count - needle.count {
                    guard let found = memchr(base + place, Int32(first), whole.count - place) else { return nil }
                    place = UnsafeRawPointer(found) - base
                    if place <= whole.count - needle.count, memcmp(found, what, needle.count) == 0 { return place }
                    place += 1
                }
                return nil
            }
        }
    }
}
