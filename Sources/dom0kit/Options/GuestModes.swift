import ArgumentParser
import Hypervisor
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

/// What each guest has to do, as the command line names it: checks separated by commas.
struct GuestChecks: CustomStringConvertible {
    /// The checks, in the order given.
    let checks: [GuestCheck]

    var description: String { checks.map(\.rawValue).joined(separator: ",") }
}

extension GuestChecks {
    /// Reads the text; for `transform:`.
    /// - Throws: `ValidationError` for a word that is not a check.
    init(_ text: String) throws {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        self.init(checks: try words.map { try choice(of: String($0), among: GuestCheck.choices) })
    }
}
