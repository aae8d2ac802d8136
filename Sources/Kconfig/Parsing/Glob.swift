import Glibc
import SystemPackage

/// File name patterns of `source` lines.
enum Glob {
    /// The names below `root` that match, in the order of their bytes.
    static func names(_ pattern: String, in root: FilePath) -> [String] {
        let prefix = root.string + "/"
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern.hasPrefix("/") ? pattern : prefix + pattern, GLOB_NOSORT, nil, &result) == 0 else {
            return []
        }
        var names: [String] = []
        for index in 0..<Int(result.gl_pathc) {
            guard let name = result.gl_pathv[index].map({ String(cString: $0) }) else { continue }
            names.append(
                !pattern.hasPrefix("/") && name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
