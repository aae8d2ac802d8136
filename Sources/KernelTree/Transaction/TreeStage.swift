import Bytes
import CSyscalls
import Glibc
import Patching
import SystemPackage

/// The folder of a transaction's new and old files, at the top of the tree.
///
/// It has a file that names the folder as only this machine can: by its own inode number and time of birth. An archive, a
/// repository or a copy of the tree can bring a folder of the name, and a journal in it, but not this; what is not of
/// this tree's own making is never carried out.
struct TreeStage {
    /// The name of the file that says whose the folder is.
    private static let ownerName = "owner"

    /// The folder.
    let folder: Beneath

    /// Creates the folder.
    static func make(in top: Beneath) throws(Errno) -> TreeStage {
        try top.makeFolder(TreeTransaction.stageName, permissions: 0o700)
        do throws(Errno) {
            let stage = try TreeStage(in: top)
            _ = try stage.folder.create(
                Self.ownerName, TreeFile(permissions: 0o600, content: Blob(Array(try stage.identity().utf8))))
            return stage
        } catch {
            try? top.remove(Array(TreeTransaction.stageName.utf8))
            throw error
        }
    }

    /// Opens what has its name.
    init(in top: Beneath) throws(Errno) { folder = try top.open(TreeTransaction.stageName) }

    /// Whether a transaction on this tree has made it, as it is. One that was killed before it could say so has left
    /// nothing else in it.
    func isOwn() throws(Errno) -> Bool {
        guard let owner = try content(of: Self.ownerName) else { return try folder.names().isEmpty }
        if owner.isEmpty { return try folder.names().count == 1 }
        return owner == Array(try identity().utf8)
    }

    /// The content of a file in it; `nil` where there is none.
    func content(of name: String) throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            return try folder.read(Array(name.utf8))
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    private func identity() throws(Errno) -> String {
        var status = stat()
        try Beneath.check(fstat(folder.number, &status))
        return "\(status.st_dev) \(status.st_ino) \(dom0kit_birth(folder.number))\n"
    }
}
