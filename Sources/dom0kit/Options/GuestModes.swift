import ArgumentParser
import KernelModel

/// The guests to start, as the command line names them: modes separated by commas, or `none`.
struct GuestModes: CustomStringConvertible {
    /// The modes, in the order given.
    let modes: [DomainMode]

    var description: String { modes.isEmpty ? "none" : modes.map(\.rawValue).joined(separator: ",") }
}

extension GuestModes {
    /// Reads the text; for `transform:`.
    /// - Throws: `ValidationError` for a word that is not a mode.
    init(_ text: String) throws {
        let words = text == "none" || text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
        self.init(modes: try words.map { try choice(String($0)) })
    }
}
