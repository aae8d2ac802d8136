public import Patching

/// What quilt keeps in `.pc`, so that it can take patches back: the files as each patch found them.
///
/// `.pc/.version` holds `2`; `.pc/.quilt_patches` and `.pc/.quilt_series` name the folder and file of the series;
/// `.pc/applied-patches` lists the patches; `.pc/PATCH/PATH` is a file before the patch, empty where it was not there;
/// `.pc/PATCH/.timestamp` is empty (quilt 0.66).
public enum QuiltState {
    /// The files that have to be written with the changes of a series.
    /// - Parameters:
    ///   - applied: A series applied with `keepsPreimages`.
    ///   - tree: The tree before; patches it has as applied already stay at the front of the list.
    /// - Throws: What `tree` throws.
    public static func changes(
        of applied: AppliedSeries, patches: [PatchInput], on tree: any TreeReading, folder: String = "patches"
    ) throws -> [FileChange] {
        var files: [RelativePath: TreeFile] = [:]
        func put(_ path: String, _ content: [UInt8]) {
            if let path = RelativePath(".pc/" + path) { files[path] = TreeFile(content: Blob(content)) }
        }
        put(".version", Array("2\n".utf8))
        put(".quilt_patches", Array((folder + "\n").utf8))
        put(".quilt_series", Array("series\n".utf8))
        var list: [UInt8] = []
        if let path = RelativePath(".pc/applied-patches"), let old = try tree.read(path) { list = old.content.bytes }
        for patch in patches {
            list += Array((patch.name + "\n").utf8)
            put(patch.name + "/.timestamp", [])
        }
        put("applied-patches", list)
        for preimage in applied.preimages {
            let prefix = Array((".pc/" + patches[preimage.patchIndex].name + "/").utf8)
            guard let path = RelativePath(prefix + preimage.path.bytes) else { continue }
            files[path] = preimage.file ?? TreeFile(content: .empty)
        }
        return try files.sorted { $0.key < $1.key }.map { path, file in
            FileChange(path: path, before: try tree.read(path), after: file)
        }
    }
}
