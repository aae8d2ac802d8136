public import Diagnostics
public import Pipeline

/// What `dom0kit profile list` shows.
public struct ProfileListReport: Reportable {
    public static let schema = "dom0kit.profiles/1"
    /// The profiles, by name.
    public let profiles: [Profile]
    /// The files that cannot be used as profiles, and why.
    public let damaged: [ProfileStore.Damage]

    /// Makes the report.
    public init(profiles: [Profile], damaged: [ProfileStore.Damage] = []) {
        self.profiles = profiles
        self.damaged = damaged
    }

    public var verdict: Verdict { damaged.isEmpty ? .pass : .warn }
    public var summaryLine: String {
        Wording.count(profiles.count, "profile")
            + (damaged.isEmpty ? "" : "; \(Wording.count(damaged.count, "file")) cannot be used as a profile")
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for profile in profiles { table.add(style.bold(profile.name), profile.title) }
        let faults = damaged.map { style.yellow("cannot be used:") + " \($0.message)\n" }.joined()
        return table.text() + faults
    }

    private enum CodingKeys: String, CodingKey { case profiles, damaged }
}

/// What `dom0kit profile show` shows.
public struct ProfileReport: Reportable {
    public static let schema = "dom0kit.profile/1"
    /// The profile.
    public let profile: Profile

    /// Makes the report.
    public init(profile: Profile) { self.profile = profile }

    public var verdict: Verdict { .pass }
    public var summaryLine: String { "profile \(profile.name)" }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        table.add("title", profile.title)
        table.add("architecture", profile.architecture.rawValue)
        let source = [
            profile.source.package ?? profile.source.sourcePackage, profile.source.suite.map { "of \($0)" },
            profile.source.hint,
        ]
        table.add("source", source.compactMap(\.self).joined(separator: " "))
        for file in (profile.source.files ?? []) + [profile.source.base].compactMap(\.self) {
            table.add("file", [file.name, file.address, file.sha256].compactMap(\.self).joined(separator: " "))
        }
        if profile.source.patched == true {
            table.add(
                "patches",
                "the source's own" + (profile.source.guards.map { ", for " + $0.joined(separator: ", ") } ?? ""))
        }
        for series in profile.series {
            table.add("series", series.path.name + (series.like.map { " (like \($0.rawValue))" } ?? ""))
        }
        for series in profile.host ?? [] { table.add("for this host", series.path.name) }
        for series in profile.compat?.series ?? [] { table.add("for programs of today", series.path.name) }
        let configuration = profile.configuration
        table.add(
            "configuration",
            ([configuration.base.description] + configuration.fragments.map(\.name) + configuration.targets)
                .joined(separator: " + "))
        table.add("requirements", configuration.requirements.name)
        table.add("build", profile.build.targets.joined(separator: " ") + " → " + profile.build.image)
        table.add("hypervisor", profile.boot.hypervisor)
        let guests = profile.boot.guests.map(\.rawValue)
        table.add(
            "boot",
            "dom0 \(profile.boot.dom0.rawValue), guests \(guests.isEmpty ? "none" : guests.joined(separator: ", "))")
        for (file, content) in (profile.boot.sysfs ?? [:]).sorted(by: { $0.key < $1.key }) {
            table.add("must hold", "/sys/hypervisor/\(file) = \(content)")
        }
        for line in profile.boot.log ?? [] { table.add("must log", line.text) }
        return table.text()
    }

    private enum CodingKeys: String, CodingKey { case profile }
}
