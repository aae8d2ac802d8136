import Bytes
import Diagnostics
import Pipeline
import SystemPackage
import TestSupport
import Testing

/// The kit's own folder: this file is three folders below it.
private let kit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

@Suite struct ProfileStoreTests {
    @Test func everyProfileOfTheKitNamesOnlyWhatExists() throws {
        let store = ProfileStore(data: kit)
        let names = try store.names()
        #expect(names.contains("debian-12"))
        for name in names {
            let profile = try store.load(name)
            for series in profile.series + (profile.host ?? []) {
                #expect(Files.isRegular(series.path.path.appending("series")), "\(series.path)")
            }
            for fragment in profile.configuration.fragments { #expect(Files.isRegular(fragment.path), "\(fragment)") }
            #expect(Files.isRegular(profile.configuration.requirements.path))
            #expect(Files.isRegular(store.resolve("Profiles/hypervisors/\(profile.boot.hypervisor).yaml")))
        }
    }

    @Test func anUnknownNameSuggestsTheNearest() throws {
        let error = #expect(throws: PipelineError.self) { try ProfileStore(data: kit).load("debain-12") }
        #expect(error?.category == .usage)
        #expect(error?.remedy?.hasPrefix("did you mean 'debian-12'") == true)
    }

    /// Files that have to be given are held against the profile's checksums, the upstream source beside them too.
    @Test func anotherFileOfTheSameName() throws {
        let scratch = try Scratch()
        let good = Digest(of: "good\n").hex
        let text = String(
            decoding: try Files.read(kit.appending("Profiles").appending("opensuse-leap-15.6.yaml")), as: UTF8.self
        )
        .replacing("name: opensuse-leap-15.6", with: "name: x")
        .replacing(#/sha256: [0-9a-f]{64}/#, with: "sha256: \(good)")
        let data = try DataCopy()
        try data.write("x", text)
        let profile = try data.store.load("x")
        let package = try scratch.file("kernel-source.src.rpm", "any\n")
        try profile.check(package)
        let base = try scratch.file("linux-6.4.tar.xz", "good\n")
        try profile.check(package)
        try profile.check(base)
        try scratch.file("linux-6.4.tar.xz", "other\n")
        for path in [package, base, scratch.path] {
            let error = #expect(throws: PipelineError.self) { try profile.check(path) }
            #expect(error?.category == .malformedInput)
            #expect(error?.message.contains("linux-6.4.tar.xz does not have the SHA-256") == true)
        }
    }
}
