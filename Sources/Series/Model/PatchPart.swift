import Patching

/// Of a patch only what it does to some files.
enum PatchPart {
    /// The pieces of a patch whose files lie below one of some folders, in their order.
    /// - Parameters:
    ///   - bytes: The patch.
    ///   - name: How errors call it.
    ///   - strip: How many leading folders its file names lose.
    ///   - folders: Folders of the tree; a `*` at the end stands for any name that begins so.
    /// - Throws: `PatchError`.
    static func of(_ bytes: [UInt8], name: String, strip: Int, below folders: [String]) throws -> [UInt8] {
        let patch = try ParsedPatch.parse(Blob(bytes), name: name, strip: strip)
        var offsets = [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { offsets.append(index + 1) }
        func offset(ofLine line: Int) -> Int { line - 1 < offsets.count ? offsets[max(line - 1, 0)] : bytes.count }
        var result: [UInt8] = []
        for (index, file) in patch.files.enumerated() {
            let paths = [file.newPath, file.oldPath, file.indexPath].compactMap { $0?.string }
            guard let path = paths.first, folders.contains(where: { covers($0, path) }) else { continue }
            let end = index + 1 < patch.files.count ? offset(ofLine: patch.files[index + 1].line) : bytes.count
            result += bytes[offset(ofLine: file.line)..<max(end, offset(ofLine: file.line))]
        }
        return result
    }

    /// Whether a path is a folder's, or below it.
    static func covers(_ folder: String, _ path: String) -> Bool {
        if folder == "." || folder.isEmpty { return true }
        if folder.hasSuffix("*") { return path.hasPrefix(folder.dropLast()) }
        return path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}
