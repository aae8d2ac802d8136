import Glibc

/// Words in texts.
public enum TextSearch {
    /// Whether a text has a word, not as a part of another one.
    public static func hasWord(_ word: [UInt8], in text: [UInt8]) -> Bool {
        text.withUnsafeBytes { text in word.withUnsafeBytes { place(of: $0, in: text, from: 0) } } != nil
    }

    /// How many lines of a text have a word.
    static func lines(with word: [UInt8], in text: [UInt8]) -> Int {
        text.withUnsafeBytes { text in
            word.withUnsafeBytes { word in
                var (count, at) = (0, 0)
                while let found = place(of: word, in: text, from: at) {
                    count += 1
                    guard let end = text[found...].firstIndex(of: 10) else { break }
                    at = end + 1
                }
                return count
            }
        }
    }

    /// Where a text has a word at or behind a place.
    private static func place(
        of word: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        guard let needle = word.baseAddress, !word.isEmpty, let base = text.baseAddress else { return nil }
        var at = start
        while at + word.count <= text.count,
            let found = memchr(base + at, Int32(word[0]), text.count - at - word.count + 1)
        {
            let begin = UnsafeRawPointer(found) - base
            let end = begin + word.count
            if memcmp(found, needle, word.count) == 0, begin == 0 || !Words.isPart(text[begin - 1]),
                end == text.count || !Words.isPart(text[end])
            {
                return begin
            }
            at = begin + 1
        }
        return nil
    }
}
