import Series
import Testing

@Suite struct ExclusionTests {
    private static let exclusions: [(Exclusion, String, String)] = [
        (.guards(["+xen", "-arm"]), "guards", "by +xen -arm"),
        (.selection(["arch=amd64"]), "selection", "as arch=amd64 is not asked for"),
        (.selection([]), "selection", "as no architecture or featureset is asked for"),
        (.condition("%{with x}"), "condition", "since '%{with x}' is not evaluated"),
        (.otherFolder("xen"), "folder", "for the folder 'xen'"),
        (.optionalTooShort, "short", "as it has no more than 9 lines"),
    ]

    @Test(arguments: exclusions) func words(exclusion: Exclusion, kind: String, description: String) {
        #expect(exclusion.kind == kind)
        #expect(exclusion.description == description)
    }

    /// Only guards can be written into a series.conf; an entry left out for another reason becomes a comment.
    @Test(arguments: [
        ([Exclusion.guards(["+xen"])], SeriesDialect.suse, "\t+xen a.patch\n"),
        ([.otherFolder("xen")], .suse, "# left out for the folder 'xen': a.patch\n"),
        ([.guards(["+xen"])], .quilt, "# left out by +xen: a.patch\n"),
        ([.otherFolder("xen")], .quilt, "# left out for the folder 'xen': a.patch\n"),
        ([.optionalTooShort], .debian, "# left out as it has no more than 9 lines: a.patch\n"),
    ])
    func written(exclusions: [Exclusion], dialect: SeriesDialect, text: String) throws {
        let guards = exclusions == [.guards(["+xen"])] ? ["+xen"] : []
        let entry = SeriesEntry(
            name: "a.patch", content: .bytes([]), position: SeriesPosition(file: "s", line: 1), guards: guards,
            exclusions: exclusions)
        let series = PatchSeries(name: "s", dialect: .suse, file: "s", folder: ".", lines: [.entry(entry)])
        #expect(series.included.isEmpty)
        #expect(try SeriesWriter.text(series, as: dialect) == text)
    }
}
