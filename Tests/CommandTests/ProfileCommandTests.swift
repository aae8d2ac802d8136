import Foundation
import Testing

/// `dom0kit profile`, end to end.
@Suite struct ProfileCommandTests {
    @Test func everyProfile() throws {
        let folder = try CommandFolder()
        let json = try folder.json(["profile", "list", "--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.profiles/1")
        #expect(json["verdict"] as? String == "pass")
        let profiles = try #require(json["profiles"] as? [[String: Any]])
        #expect(profiles.compactMap { $0["name"] as? String }.contains("debian-12"))
        #expect((json["damaged"] as? [Any])?.isEmpty == true)
    }

    @Test func whatAProfileSays() throws {
        let folder = try CommandFolder()
        let json = try folder.json(["profile", "show", "debian-12", "--format", "json"])
        let profile = try #require(json["profile"] as? [String: Any])
        let boot = try #require(profile["boot"] as? [String: Any])
        #expect(boot["dom0"] as? String == "pv")
        #expect(boot["guests"] as? [String] == ["pv", "pvh", "hvm"])
        let series = try #require(profile["series"] as? [[String: Any]])
        #expect(series.first?["path"] as? String == "Patches/xen-dom0-6.1")
        #expect(series.first?["like"] as? String == "dpkg")
        let text = try folder.dom0kit("profile", "show", "centos-5.3")
        #expect(text.status == 0 && text.output.contains("dom0 pv, guests pv"), "\(text)")
    }

    /// The case profile-values-unchecked: guests that do not exist must not end as none.
    @Test func aDamagedProfileIsReportedAndHidesNoOther() throws {
        let kernel = try MiniatureKernel()
        let good = String(
            decoding: try Data(
                contentsOf: URL(fileURLWithPath: kernel.folder.path.string + "/kit/Profiles/miniature.yaml")),
            as: UTF8.self)
        try kernel.folder.write(
            "kit/Profiles/typo.yaml",
            good.replacing("name: miniature", with: "name: typo").replacing("guests: [pv]", with: "guests: [pvv]"))
        let message = "Profiles/typo.yaml:12: boot.guests[0] is 'pvv', which is not one of pv, pvh, hvm"
        let show = try kernel.folder.dom0kit("profile", "show", "typo", "--data", "kit")
        #expect(show.status == 65)
        #expect(show.errors.hasSuffix(message + "\n  did you mean 'pv' or 'pvh'?\n"), "\(show.errors)")
        let run = try kernel.folder.dom0kit("run", "typo", "--data", "kit", "--source", "tree", "--work", "work")
        #expect(run.status == 65 && run.errors.contains(message), "\(run)")

        let list = try kernel.folder.dom0kit("profile", "list", "--data", "kit")
        #expect(list.status == 0, "\(list)")
        #expect(list.output.contains("miniature") && list.output.contains(message), "\(list.output)")
        #expect(list.output.split(separator: "\n").last?.hasPrefix("warn: ") == true)
        let json = try kernel.folder.json(["profile", "list", "--data", "kit", "--format", "json"])
        #expect(json["verdict"] as? String == "warn")
        #expect((json["profiles"] as? [[String: Any]])?.count == 1)
        let damaged = try #require(json["damaged"] as? [[String: Any]])
        let typo = try #require(damaged.first { ($0["file"] as? String)?.hasSuffix("typo.yaml") == true })
        #expect(typo["line"] as? Int == 12)
        #expect((typo["message"] as? String)?.contains("did you mean 'pv' or 'pvh'?") == true)
    }
}

/// `dom0kit profile` on another data folder, and with wrong words.
struct ProfileDataTests {
    @Test func anotherDataFolder() throws {
        let kernel = try MiniatureKernel()
        for environment in [[:], ["DOM0KIT_DATA": "kit"]] {
            let option = environment.isEmpty ? ["--data", "kit"] : []
            let list = try kernel.folder.dom0kit(["profile", "list"] + option, environment: environment)
            #expect(list.status == 0 && list.output == "miniature  for tests\npass: 1 profile\n", "\(list)")
            let show = try kernel.folder.dom0kit(["profile", "show", "miniature"] + option, environment: environment)
            #expect(show.status == 0 && show.output.contains("the miniature kernel of the tests"), "\(show)")
        }
    }

    /// A profile that nothing names has its file's name checked as well.
    @Test func aProfileUnderAnotherName() throws {
        let kernel = try MiniatureKernel()
        try kernel.folder.write("kit/Profiles/other.yaml", "name: miniature\n")
        let run = try kernel.folder.dom0kit("profile", "show", "other", "--data", "kit")
        #expect(run.status == 65 && run.errors.contains("Profiles/other.yaml:"), "\(run)")
    }

    @Test(arguments: [
        (["show"], 64), (["show", "gone"], 64), (["show", "../x"], 64), (["show", ""], 64), (["list", "more"], 64),
        (["list", "--data", "gone"], 66), (["list", "--data", "kit/Profiles"], 66),
    ])
    func badInput(arguments: [String], status: Int) throws {
        let data = arguments.contains("--data") ? [] : ["--data", "kit"]
        let run = try MiniatureKernel().folder.dom0kit(["profile"] + arguments + data)
        #expect(Int(run.status) == status, "\(run)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
}
