/// Words in texts.
public enum TextSearch {
    /// Whether a text has a word, not as a part of another one.
    public static func hasWord(_ word: [UInt8], in text: [UInt8]) -> Bool {
        guard let first = word.first, text.count >= word.count else { return false }
        var at = 0
        let last = text.count - word.count
        while at <= last, let start = text[at...].firstIndex(of: first), start <= last {
            let end = start + word.count
            if text[start..<end].elementsEqual(word), start == 0 || !Words.isPart(text[start - 1]),
                end == text.count || !Words.isPart(text[end])
            {
                return true
            }
            at = start + 1
        }
        return false
    }
}
