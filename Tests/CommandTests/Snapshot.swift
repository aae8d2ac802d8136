import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Text of the program that is pinned by a file of `Snapshots`; `make snapshots` writes these files anew.
enum Snapshot {
    /// The folder of the files.
    static let folder = JSONSchemas.checkout.pushing("Tests/CommandTests/Snapshots")

    /// Whether the files are written instead of compared.
    static let isRenewing = ProcessInfo.processInfo.environment["DOM0KIT_SNAPSHOTS"] == "renew"

    /// Compares a text with its snapshot.
    /// - Parameter name: The file below ``folder``, without `.txt`.
    static func check(_ text: String, as name: String) throws {
        let file = folder.pushing(FilePath(name + ".txt"))
        if isRenewing {
            try Files.createDirectories(file.removingLastComponent())
            return try Files.write(text, to: file)
        }
        guard Files.isRegular(file) else {
            Issue.record("there is no snapshot \(name); 'make snapshots' writes it")
            return
        }
        if try Files.read(file) == Array(text.utf8) { return }
        let scratch = try Scratch()
        let now = try scratch.file("now", text)
        let difference = try run(
            "diff", ["-U2", "--label", "\(name).txt", "--label", "now", file.string, now.string])
        Issue.record(
            "the snapshot \(name) is stale; if the new text is right, renew it with 'make snapshots'\n\(difference.text)"
        )
    }

    /// Compares the files of a folder of snapshots with the names there should be; files of another name are stale.
    static func checkNames(_ names: [String], below part: String) throws {
        let place = folder.appending(part)
        let present = Files.isDirectory(place) ? try Files.list(place) : []
        for file in present.filter({ !names.contains($0.replacing(".txt", with: "")) }) {
            if isRenewing {
                try Files.remove(place.appending(file))
            } else {
                Issue.record("\(part)/\(file) is the snapshot of nothing; 'make snapshots' removes it")
            }
        }
    }

    /// A text with everything masked that differs between machines and runs.
    static func masked(_ text: String, folder: FilePath) -> String {
        let plain = text.replacing(folder.string, with: "/FOLDER")
            .replacing(CommandFolder.program.path, with: "/PROGRAM")
            .replacing(JSONSchemas.checkout.string, with: "/CHECKOUT")
        let masked = masks.reduce(plain) { text, mask in text.replacing(mask.pattern) { _ in mask.text } }
        // A masked path in a table was as wide as it is on this machine.
        return masked.contains("/INCLUDE/") ? masked.replacing(/[ ]{2,}/) { _ in "  " } : masked
    }

    private static var masks: [(pattern: Regex<Substring>, text: String)] {
        [
            (/dom0kit \d+\.\d+\.\d+(?: \([0-9a-f]{12}\+?\))?/, "dom0kit VERSION"),
            (/\b\d+\.\d s\b/, "0.0 s"),
            (/"seconds" : [0-9.e-]+/, "\"seconds\" : 0"),
            (/"fingerprint" : "[0-9a-f]+"/, "\"fingerprint\" : \"…\""),
            (/"key" : "[0-9a-f]+"/, "\"key\" : \"…\""),
            (/"epoch" : \d+/, "\"epoch\" : 0"),
            // Hashes of a tree with the times of its files.
            (/"(?:content|source|treeKey|state)" : "[0-9a-f]{64}"/, "\"tree\" : \"…\""),
            (/\/usr(?:\/local)?\/include\/(?:x86_64-linux-gnu\/)?/, "/INCLUDE/"),
        ]
    }
}
