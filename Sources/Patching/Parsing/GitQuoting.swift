/// How git writes paths in its output: those with a quote, a backslash or a control character as C strings.
package enum GitQuoting {
    /// The path itself.
    package static func plain(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.first == UInt8(ascii: "\"") else { return text }
        let blob = Blob(Array(text))
        guard let (name, end) = HeaderName.quoted(blob, 0..<blob.count), end == blob.count else { return text }
        return name[...]
    }
}
