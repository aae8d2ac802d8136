import Bytes
import Pipeline
import SystemPackage
import TestSupport

/// A data folder of a test's own: the kit's series, fragments, requirements and hypervisors, without its profiles.
struct DataCopy {
    private let scratch: Scratch
    let kit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    init() throws {
        scratch = try Scratch()
        let profiles = try scratch.folder("Profiles")
        let links = ["Patches"] + ["debian", "fragments", "hypervisors", "requirements"].map { "Profiles/" + $0 }
        for name in links {
            _ = scratch.shell("ln -s '\(kit.pushing(FilePath(name)))' '\(profiles.removingLastComponent())/\(name)'")
        }
    }

    var store: ProfileStore { ProfileStore(data: scratch.path) }

    /// The text of one of the kit's profiles.
    func profile(_ name: String) throws -> String {
        String(decoding: try Files.read(kit.pushing(FilePath("Profiles/\(name).yaml"))), as: UTF8.self)
    }

    /// Writes a profile.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> FilePath { try scratch.file("Profiles/\(name).yaml", text) }
}
