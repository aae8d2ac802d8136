import Bytes
import Diagnostics
public import SystemPackage
import Yams

/// The profiles of a data folder.
public struct ProfileStore: Sendable {
    /// The folder with `Profiles` and `Patches` in it.
    public let data: FilePath

    /// Opens a data folder.
    public init(data: FilePath) { self.data = data }

    private var folder: FilePath { data.appending("Profiles") }

    /// The names of all profiles, sorted.
    /// - Throws: `BytesError`.
    public func names() throws -> [String] {
        try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    }

    /// Reads one profile.
    /// - Throws: ``PipelineError/unknownProfile(name:near:)`` or ``PipelineError/malformedProfile(path:reason:)``.
    public func load(_ name: String) throws -> Profile {
        let known = try names()
        guard known.contains(name) else {
            throw PipelineError.unknownProfile(name: name, near: Nearest.names(to: name, among: known), all: known)
        }
        let path = folder.appending(name + ".yaml")
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        let profile: Profile
        do {
            profile = try YAMLDecoder().decode(Profile.self, from: text)
            if let unknown = try Self.unknownKey(in: text, of: profile) {
                throw PipelineError.malformedProfile(path: path, reason: "'\(unknown)' means nothing here")
            }
        } catch let error as PipelineError {
            throw error
        } catch {
            throw PipelineError.malformedProfile(path: path, reason: Self.reason(error))
        }
        guard profile.name == name else {
            throw PipelineError.malformedProfile(path: path, reason: "its name is '\(profile.name)', not '\(name)'")
        }
        return profile
    }

    /// A file or folder named in a profile; absolute ones stay as they are.
    public func resolve(_ name: String) -> FilePath {
        name.hasPrefix("/") ? FilePath(name) : data.pushing(FilePath(name))
    }

    /// The first key of the text that decoding passed over, as `boot.guest`: a misspelt key must not be ignored.
    private static func unknownKey(in text: String, of profile: Profile) throws -> String? {
        guard let written = try Yams.compose(yaml: text),
            let understood = try Yams.compose(yaml: try YAMLEncoder().encode(profile))
        else { return nil }
        return unknownKey(written, understood, at: "")
    }

    private static func unknownKey(_ written: Node, _ understood: Node, at place: String) -> String? {
        switch (written, understood) {
        case (.mapping(let left), .mapping(let right)):
            for (key, value) in left {
                let name = place + (key.string ?? "?")
                guard let match = right[key] else { return name }
                if let deeper = unknownKey(value, match, at: name + ".") { return deeper }
            }
        case (.sequence(let left), .sequence(let right)):
            for (value, match) in zip(left, right) {
                if let deeper = unknownKey(value, match, at: place) { return deeper }
            }
        default: break
        }
        return nil
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "the top level" : "'\(path)'"
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context)) lacks '\(key.stringValue)'"
        case .typeMismatch(let type, let context): "\(place(context)) is no \(type)"
        case .valueNotFound(_, let context): "\(place(context)) is empty"
        case .dataCorrupted(let context): "\(place(context)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }
}

/// Names that a mistyped one may have meant.
public enum Nearest {
    /// At most three of the known names, nearest first, each within half of the name's length in edits.
    public static func names(to name: String, among known: [String]) -> [String] {
        let limit = max(2, name.utf8.count / 2)
        return known.compactMap { other in
            EditDistance.between(Array(name.utf8), Array(other.utf8), limit: limit).map { ($0, other) }
        }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        .prefix(3).map(\.1)
    }
}
