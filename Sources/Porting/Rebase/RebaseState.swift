import Bytes
import FoundationEssentials
import Patching
public import SystemPackage

/// What is kept in the folder of a new series as long as something in it is not solved: everything to do it again.
public struct RebaseState: Sendable, Codable, Equatable {
    /// The file.
    static let name = ".rebase.json"
    /// The form of this file.
    private var version = 1
    /// The words of the command line that began it, without the program's name.
    public let command: [String]
    /// The folder in which they were said.
    public let folder: String
    /// The digest of the series as it was.
    let series: String
    /// The patches that somebody has left out.
    var skipped: [String]
    /// Every file that was written, with the digest of its content.
    var written: [String: String]

    /// Begins one.
    init(command: [String], folder: String, series: String) {
        self.command = command
        self.folder = folder
        self.series = series
        skipped = []
        written = [:]
    }

    /// Reads what is kept in a folder.
    /// - Throws: ``PortingError/nothingToContinue(folder:)``, ``PortingError/damagedState(file:)`` or `BytesError`.
    public static func read(_ folder: FilePath) throws -> RebaseState {
        let file = folder.appending(name)
        guard Files.isRegular(file) else { throw PortingError.nothingToContinue(folder: folder) }
        let bytes = try Files.read(file)
        guard let state = try? JSONDecoder().decode(RebaseState.self, from: Data(bytes)), state.version == 1,
            state.written.keys.allSatisfy({ RelativePath($0)?.string == $0 })
        else {
            throw PortingError.damagedState(file: file)
        }
        return state
    }

    /// Writes it.
    func write(to folder: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try Files.write(Array(try encoder.encode(self)) + [10], to: folder.appending(Self.name))
    }
}
