import Bytes
import SystemPackage

/// The state of the unpacked source after the run itself has linked its files into the patched tree, which changes their
/// times of change: kept beside the stages' records, so that only somebody else's changes count as such.
enum SourceState {
    private static func path(_ work: FilePath) -> FilePath { work.pushing("stages/source.state") }

    /// Notes the state after linking.
    /// - Parameter imported: The state that the import has recorded: what the note belongs to.
    static func note(_ state: String, in work: FilePath, imported: String) throws {
        try Files.createDirectories(path(work).removingLastComponent())
        let lines = "\(imported)\n\(state)\n"
        try Files.write(lines + Digest(of: lines).hex + "\n", to: path(work))
    }

    /// The state that the source has to be in: the noted one, or that of the import where none is noted for it.
    static func latest(in work: FilePath, imported: String) throws -> String {
        guard Files.isRegular(path(work)) else { return imported }
        let lines = String(decoding: try Files.read(path(work)), as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 3, lines[0] == imported, Digest(of: "\(lines[0])\n\(lines[1])\n").hex == lines[2] else {
            return imported
        }
        return lines[1]
    }
}
