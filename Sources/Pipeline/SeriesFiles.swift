import Bytes
import Patching
import SystemPackage

/// The patches of a series with the SHA-256 of each file. (The Series module takes this over.)
enum SeriesFiles {
    static func load(_ path: FilePath) throws -> (patches: [PatchInput], digests: [String]) {
        let list = Files.isDirectory(path) ? path.appending("series") : path
        let folder = list.removingLastComponent()
        var patches: [PatchInput] = []
        var digests: [String] = []
        for line in String(decoding: try Files.read(list), as: UTF8.self).split(separator: "\n")
        where !line.hasPrefix("#") {
            let bytes = try Files.read(folder.appending(String(line)))
            patches.append(PatchInput(name: String(line), bytes: bytes))
            digests.append(Digest(of: bytes).hex)
        }
        return (patches, digests)
    }
}
