/// What `%prep` of a spec does to the files below the build folder, as far as it is one of the known ways.
///
/// Paths are relative to the build folder. A path may be a pattern in its last part (`kernel-*.config`).
package struct PrepStep: Equatable {
    /// Where a file comes from.
    package enum Place: Equatable {
        /// Below the build folder.
        case build(String)
        /// A file of the source package.
        case source(String)
    }

    /// What is asked of a path.
    package enum Test: String, Equatable {
        case folder = "-d"
        case file = "-f"
        case anything = "-e"
        case link = "-L"
        case notEmpty = "-s"
    }

    /// What is done.
    package enum Action: Equatable {
        /// An archive of the source package is unpacked into a folder.
        case unpack(archive: String, folder: String)
        /// Files and folders are removed, with what is in them.
        case remove([String])
        /// Folders are made, with those above them.
        case makeFolders([String])
        /// Files or folders are copied; by hard links where `linked`, and links as what they point to where `following`.
        case copy([Place], to: String, linked: Bool, following: Bool)
        case move([String], to: String)
        /// Empty files are made where there are none.
        case touch([String])
        /// Files become executable.
        case makeExecutable([String])
        /// Files whose names fit one of the patterns are removed, at any depth.
        case removeMatching(folder: String, patterns: [String])
        /// The copies that `%patch -b` left below the folders are put back; an empty one means that there was no file.
        case restoreBackups(folders: [String], suffix: String)
        /// The lines of a file that begin so are replaced.
        case replaceLines(file: String, beginning: String, by: String)
        /// Text is written to a file, or put behind what is in it.
        case write(file: String, text: String, appends: Bool)
        /// Files are edited by a script.
        case edit(files: [String], script: SedScript)
        /// Files, or what is below folders, are changed in a way that is not carried out.
        case change([String])
        /// The application of this number, from 0, of the spec's patches.
        case patch(Int)
        /// What is done depends on the tree.
        case conditional(Test, path: String, negated: Bool, then: [PrepStep], otherwise: [PrepStep])
    }

    /// The line of the spec.
    package let line: Int
    package let action: Action
}

extension PrepStep.Action {
    /// The files, or the folders with what is in them, that are not what they were; `nil` for a patch, which names them.
    var changed: [String]? {
        switch self {
        case .unpack(_, let folder): [folder]
        case .remove(let paths), .makeFolders(let paths), .touch(let paths), .makeExecutable(let paths),
            .change(let paths):
            paths
        case .copy(_, let target, _, _): [target]
        case .move(let paths, let target): paths + [target]
        case .removeMatching(let folder, let patterns):
            patterns.allSatisfy { $0 == "*.orig" || $0 == "*~" || $0 == ".gitignore" } ? [] : [folder]
        case .restoreBackups(let folders, _): folders
        case .replaceLines(let file, _, _), .write(let file, _, _): [file]
        case .edit(let files, _): files
        case .patch: nil
        case .conditional(_, _, _, let then, let otherwise): (then + otherwise).flatMap { $0.action.changed ?? [] }
        }
    }
}
