public import Patching

/// What quilt keeps in `.pc`, so that it can take patches back: the files as each patch found them.
///
/// `.pc/.version` holds `2`; `.pc/.quilt_patches` and `.pc/.quilt_series` name the folder and file of the series;
/// `.pc/applied-patches` lists the patches; `.pc/PATCH/PATH` is a file before the patch, empty where it was not there;
/// `.pc/PATCH/.timestamp` is empty (quilt 0.66).
public struct QuiltState: Sendable {
    /// The files that have to be written with the changes of the series.
    public let changes: [FileChange]
    /// Files that were there and empty before a patch changed them. quilt takes an empty copy for "not there" and will
    /// remove them when it takes the patch back; its format has no way to say otherwise.
    public let unrestorable: [RelativePath]

    /// How many patches at the start of a series the tree has applied already, by its `.pc/applied-patches`.
    /// - Parameter patches: The names of the series' patches, in order.
    /// - Throws: ``FolderTreeError/otherPatches(folder:line:name:)`` where the list is not the start of the series, and
    ///   what `tree` throws.
    public static func applied(of patches: [String], on tree: FolderTree) throws -> Int {
        guard let path = RelativePath(".pc/applied-patches"), let file = try tree.read(path) else { return 0 }
        let names = file.content.bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        for (index, name) in names.enumerated() {
            guard index < patches.count, patches[index] == name else {
                throw FolderTreeError.otherPatches(folder: tree.folder, line: index + 1, name: name)
            }
        }
        return names.count
    }

    /// Works out the files of `.pc`.
    /// - Parameters:
    ///   - applied: A series applied with `keepsPreimages`.
    ///   - patches: The names of its patches; those the tree has applied already are not among them.
    ///   - tree: The tree before; patches it has as applied already stay at the front of the list.
    ///   - folder: Where the patches are, as quilt is to find them.
    ///   - series: The name of the file there that lists them.
    /// - Throws: What `tree` throws.
    public init(
        _ applied: AppliedSeries, patches: [String], on tree: any TreeReading, folder: String = "patches",
        series: String = "series"
    ) throws {
        var files: [RelativePath: TreeFile] = [:]
        func put(_ path: String, _ content: [UInt8]) {
            if let path = RelativePath(".pc/" + path) { files[path] = TreeFile(content: Blob(content)) }
        }
        put(".version", Array("2\n".utf8))
        put(".quilt_patches", Array((folder + "\n").utf8))
        put(".quilt_series", Array((series + "\n").utf8))
        var list: [UInt8] = []
        if let path = RelativePath(".pc/applied-patches"), let old = try tree.read(path) { list = old.content.bytes }
        for patch in patches {
            list += Array((patch + "\n").utf8)
            put(patch + "/.timestamp", [])
        }
        put("applied-patches", list)
        var unrestorable: [RelativePath] = []
        for preimage in applied.preimages {
            let prefix = Array((".pc/" + patches[preimage.patchIndex] + "/").utf8)
            guard let path = RelativePath(prefix + preimage.path.bytes) else { continue }
            files[path] = preimage.file ?? TreeFile(content: .empty)
            if let file = preimage.file, file.kind == .regular, file.content.count == 0 {
                unrestorable.append(preimage.path)
            }
        }
        self.unrestorable = unrestorable
        changes = try files.sorted { $0.key < $1.key }.map { path, file in
            FileChange(path: path, before: try tree.read(path), after: file)
        }
    }
}
