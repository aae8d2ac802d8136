import ArgumentParser
import Diagnostics
import Hypervisor
import Pipeline

/// A choice from the command line, for `transform:`; a wrong word is answered with all right ones and the nearest.
func choice<Value: RawRepresentable & CaseIterable>(_ text: String) throws -> Value where Value.RawValue == String {
    try choice(of: text, among: Array(Value.allCases))
}

/// A choice of which only some values will do.
func choice<Value: RawRepresentable>(
    of text: String, among allowed: [Value]
) throws -> Value where Value.RawValue == String {
    if let value = allowed.first(where: { $0.rawValue == text }) { return value }
    let names = allowed.map(\.rawValue)
    let question = Suggestions.question(Suggestions.near(text, among: names)).map { "; \($0)" } ?? ""
    throw ValidationError("it takes one of \(names.joined(separator: ", "))\(question)")
}

/// The values of a choice as a help text names them: `text or json`.
func words<Value: RawRepresentable>(_ values: [Value]) -> String where Value.RawValue == String {
    let names = values.map(\.rawValue)
    guard names.count > 1, let last = names.last else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
}

extension CompletionKind {
    /// The values of a choice.
    static func choices<Value: RawRepresentable>(_ values: [Value]) -> CompletionKind where Value.RawValue == String {
        .list(values.map(\.rawValue))
    }

    /// The names of the profiles. The shell asks the program for them while somebody types.
    static var profiles: CompletionKind {
        .custom { words, _, _ in (try? DataOptions.completing(words).store().names()) ?? [] }
    }

    /// The names of the test hypervisors, asked for as ``profiles``.
    static var hypervisors: CompletionKind {
        .custom { words, _, _ in
            (try? HypervisorStore(data: DataOptions.completing(words).store().data).names()) ?? []
        }
    }
}

extension DataOptions {
    /// The data folder that a command line under way names.
    fileprivate static func completing(_ words: [String]) throws -> DataOptions {
        guard let place = words.firstIndex(of: "--data"), words.indices.contains(place + 1) else {
            return try parse([])
        }
        return try parse(["--data", words[place + 1]])
    }
}
