import Bytes
import Glibc
import Patching

/// The names of all regular files of a folder, read once, for explanations.
enum FolderListing {
    /// More files than any kernel has: what lies beyond is left out.
    static let most = 400_000

    /// Every regular file below a folder, in no order. Hidden folders at the top (`.git`, `.pc`) and what cannot be read
    /// are left out; links are not followed.
    static func files(of folder: Int32) -> [RelativePath] {
        var found: [RelativePath] = []
        list(folder, [], &found)
        return found
    }

    private static func list(_ folder: Int32, _ path: [UInt8], _ found: inout [RelativePath]) {
        // The stream takes over the descriptor it is given.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return
        }
        defer { closedir(stream) }
        while found.count < most, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name == [46] || name == [46, 46] || path.isEmpty && name.first == 46 { continue }
            let inner = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_REG): if let file = RelativePath(inner) { found.append(file) }
            case Int32(DT_DIR):
                let below = openat(folder, Beneath.cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard below >= 0 else { continue }
                list(below, inner, &found)
                close(below)
            default: continue
            }
        }
    }
}
