import Archive
import Bytes
import Diagnostics
import KernelTree
import SystemPackage

/// What was put into a staging folder, looked at as a whole before it becomes a tree.
struct ImportedContent {
    private let folder: FilePath

    /// Looks at a folder.
    init(_ folder: FilePath) { self.folder = folder }

    /// Removes what later commands would take for the state of a tool: quilt's `.pc` and the kit's own names at the top,
    /// and `.git` wherever it is, since git looks for it from every folder upwards.
    /// - Returns: A warning for each.
    func removeReserved() throws(KernelTreeError) -> [String] {
        try attempt { (top) throws(Errno) in
            var warnings: [String] = []
            for name in try top.names() {
                let text = String(decoding: name, as: UTF8.self)
                guard text == ".git" || text == ".pc" || text.hasPrefix(".dom0kit-") else { continue }
                try top.remove(name)
                warnings.append("\(text) of the source is left out: it would be taken for the state of a tool")
            }
            var repositories: [[UInt8]] = []
            try top.walk([]) { (path, _) throws(Errno) in
                let isOne = path.split(separator: UInt8(ascii: "/")).last?.elementsEqual(".git".utf8) == true
                if isOne { repositories.append(path) }
                return !isOne
            }
            for path in repositories {
                try top.remove(path)
                let name = Wording.name(String(decoding: path, as: UTF8.self))
                warnings.append("\(name) of the source is left out: it would be taken for the state of a tool")
            }
            return warnings
        }
    }

    /// What is wrong with the symbolic links of the whole tree; `nil` where all of them stay in it.
    func linkFault() throws(KernelTreeError) -> String? {
        try attempt { (top) throws(Errno) in
            var links: [(path: [UInt8], target: [UInt8])] = []
            try top.walk([]) { (path, status) throws(Errno) in
                if status.kind == .link { links.append((path, try top.target(path))) }
                return true
            }
            return SymbolicLinks.fault(links)
        }
    }

    private func attempt<Value>(_ body: (Beneath) throws(Errno) -> Value) throws(KernelTreeError) -> Value {
        do throws(Errno) {
            return try body(try Beneath(opening: folder))
        } catch { throw .system(BytesError(path: folder, operation: .read, errno: error)) }
    }
}
