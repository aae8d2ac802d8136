import Diagnostics
import Pipeline
import Report
import TestSupport
import Testing

struct ProfileReportTests {
    private let store = ProfileStore(data: JSONSchemas.checkout)

    @Test func oneProfile() throws {
        let report = ProfileReport(profile: try store.load("debian-12"))
        #expect(report.verdict == .pass)
        let shown = try text(report)
        #expect(shown.hasPrefix("title          "), "\(shown)")
        #expect(shown.contains("series         Patches/xen-dom0-6.1 (like dpkg)\n"))
        #expect(shown.contains("boot           dom0 pv, guests pv, pvh, hvm\n"))
        #expect(shown.hasSuffix("pass: profile debian-12\n"))
        let profile = try #require(try json(report)["profile"] as? [String: Any])
        #expect(profile["name"] as? String == "debian-12")
        #expect((profile["boot"] as? [String: Any])?["guests"] as? [String] == ["pv", "pvh", "hvm"])
    }

    /// Every profile of the kit can be shown, and its JSON is as published.
    @Test func everyProfile() throws {
        for name in try store.names() {
            let report = ProfileReport(profile: try store.load(name))
            #expect(try text(report).hasSuffix("pass: profile \(name)\n"))
            #expect((try json(report)["profile"] as? [String: Any])?["name"] as? String == name)
        }
    }

    @Test func aList() throws {
        let (profiles, damaged) = try store.loadAll()
        #expect(damaged.isEmpty)
        let report = ProfileListReport(profiles: Array(profiles.prefix(1)))
        #expect(report.verdict == .pass)
        #expect(try text(report) == "\(profiles[0].name)  \(profiles[0].title)\npass: 1 profile\n")
        let whole = ProfileListReport(profiles: profiles)
        #expect((try json(whole)["profiles"] as? [Any])?.count == profiles.count)
    }

    @Test func aListWithADamagedFile() throws {
        let scratch = try Scratch()
        try scratch.file("Profiles/bad.yaml", "name: bad\ntitle: [\n")
        let (profiles, damaged) = try ProfileStore(data: scratch.path).loadAll()
        let report = ProfileListReport(profiles: profiles, damaged: damaged)
        #expect(report.verdict == .warn)
        let shown = try text(report)
        #expect(shown.hasPrefix("cannot be used: \(scratch.path)/Profiles/bad.yaml:"), "\(shown)")
        #expect(shown.hasSuffix("warn: 0 profiles; 1 file cannot be used as a profile\n"))
        #expect((try json(report)["damaged"] as? [[String: Any]])?.count == 1)
    }
}
