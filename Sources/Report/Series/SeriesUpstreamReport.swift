public import Diagnostics
public import Porting

/// What `dom0kit series upstream` shows.
public struct SeriesUpstreamReport: Reportable {
    public static let schema = "dom0kit.upstream/1"
    /// What the series is called.
    public let name: String
    /// The repository and revision it was held against.
    public let upstream: String
    /// Whether patch-ids were compared, and from which revision on.
    public let since: String?
    /// The patches in order.
    public let patches: [Patch]

    /// A patch.
    public struct Patch: Encodable, Sendable {
        /// Its name.
        public let name: String
        /// Whether it is upstream.
        public let upstream: Bool
        /// How it was found: `reference`, `patch-id`, `reverse`.
        public let by: [String]
        /// The commit, where one is known.
        public let commit: String?
        /// The commit's subject.
        public let subject: String?
        /// Commits it names that the revision does not contain.
        public let notContained: [String]
        /// The files of it that the revision has, where it does not have all.
        public let partly: [String]
        /// Whether a commit of it is there, but not what it changes.
        public let isReverted: Bool
        /// What `git patch-id --stable` prints for it.
        public let patchID: String?
    }

    /// Makes the report.
    public init(name: String, upstream: String, since: String?, findings: [UpstreamFinding]) {
        self.name = name
        self.upstream = upstream
        self.since = since
        patches = findings.map {
            Patch(
                name: $0.patch, upstream: $0.isUpstream, by: $0.ways.map(\.rawValue), commit: $0.commit,
                subject: $0.subject, notContained: $0.notContained, partly: $0.partly, isReverted: $0.isReverted,
                patchID: $0.identity)
        }
    }

    public var verdict: Verdict { patches.contains { $0.upstream || !$0.partly.isEmpty } ? .warn : .pass }
    public var summaryLine: String {
        let count = patches.count(where: \.upstream)
        let how =
            !upstream.hasPrefix("git:")
            ? "by reversal"
            : since == nil
                ? "by reference and reversal (patch-ids are compared only with the commits since a revision)"
                : "by reference, reversal and patch-id"
        let partly = patches.count { !$0.partly.isEmpty }
        let parts = partly == 0 ? "" : ", \(partly) in part"
        return
            "\(name): \(count) of \(Wording.count(patches.count, "patch is", "patches are")) in \(upstream)\(parts), \(how)"
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for patch in patches {
            let commit = patch.commit.map { "\($0.prefix(12)) \(patch.subject ?? "")" } ?? ""
            let missing =
                patch.isReverted
                ? "its commit \((patch.commit ?? "").prefix(12)) is in it, what it changes is not: was it reverted?"
                : patch.notContained.isEmpty || patch.upstream
                    ? "" : "names \(patch.notContained[0].prefix(12)), which is not in it"
            table.add(
                patch.upstream
                    ? patch.by.joined(separator: ", ") : patch.partly.isEmpty ? style.dim("not upstream") : "partly",
                patch.name,
                patch.upstream ? commit : patch.partly.isEmpty ? missing : patch.partly.joined(separator: ", "))
        }
        return table.text()
    }

    private enum CodingKeys: String, CodingKey { case name, upstream, since, patches }
}
