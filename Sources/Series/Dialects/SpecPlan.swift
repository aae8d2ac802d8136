import RpmSpec
import SystemPackage

/// A spec with all that its `%prep` does, for an import.
package struct SpecPlan {
    /// Its patches as a series.
    package let series: PatchSeries
    /// Every application of a patch, by the number of ``PrepStep/Action/patch(_:)``.
    package let entries: [SeriesEntry]
    /// What `%prep` does, in order.
    package let steps: [PrepStep]
    /// The address of each source that has one, by its file name.
    package let addresses: [String: String]
    /// The folder that most patches go to, below the build folder.
    package let mainFolder: String
    /// What of the spec is not evaluated.
    package let notEvaluated: [SeriesRemark]
    /// Patches that `%prep` applies and that an import cannot.
    package let missed: [SeriesRemark]
    /// Where the sources may lie.
    package var folders: [FilePath] = []
    /// The folder of each application, below the build folder; `nil` where that is not known.
    let applicationFolders: [String?]

    /// The folder that an application's patch goes to, below the build folder; `nil` where that is not known.
    package func folder(of application: Int) -> String? { applicationFolders[application] }
}

extension SeriesReader {
    /// Reads a spec with all that its `%prep` does.
    /// - Throws: ``SeriesError`` or `BytesError`.
    package func plan(spec: FilePath) throws -> SpecPlan {
        try RpmSeries(architecture: architecture, macros: macros, guards: guards).plan(
            spec: spec, name: spec.lastComponent?.string ?? spec.string)
    }
}
