import Diagnostics
import KernelBuild

/// What is said of the objects of touched files.
enum ObjectsText {
    /// `fail` with errors that the old tree does not have; `unknown` where nothing could be compiled that has an object;
    /// `warn` with new warnings, or where not all could be compiled.
    static func verdict(_ objects: ObjectComparison) -> Verdict {
        if objects.hasErrors { return .fail }
        let open = objects.gaps.count { $0.gap != .noObject }
        if objects.compiled.isEmpty, open > 0 || !objects.obstacles.isEmpty { return .unknown }
        return objects.new.isEmpty && open == 0 ? .pass : .warn
    }

    static func summary(_ objects: ObjectComparison) -> String {
        let errors = objects.new.count { $0.severity == .error }
        let open = objects.gaps.count { $0.gap != .noObject }
        var text = "\(Wording.count(objects.compiled.count, "object", "objects")) compiled in the new tree"
        text += ", \(Wording.count(errors, "new error", "new errors"))"
        text += ", \(Wording.count(objects.new.count - errors, "new warning", "new warnings"))"
        if open > 0 { text += ", \(Wording.count(open, "file", "files")) not compiled" }
        return text
    }

    static func text(_ objects: ObjectComparison, _ style: TextStyle) -> String {
        var text = objects.obstacles.map { "\(style.yellow("not compiled"))  \(SafeText.inLine($0))\n" }.joined()
        for message in objects.new {
            let word = message.severity == .error ? style.verdict(.fail) + " new error" : style.yellow("new warning")
            let place = message.line.map { "\(message.file):\($0)" } ?? message.file
            text += "\(word)  \(SafeText.inLine("\(place): \(message.text)"))\n"
        }
        for file in objects.compiled where !file.succeeded {
            text += "\(style.verdict(.fail)) no object  \(SafeText.inLine(file.file))\n"
        }
        for (file, gap) in objects.gaps where gap != .noObject {
            text += "\(style.yellow("not compiled"))  \(SafeText.inLine(file)): \(told(gap))\n"
        }
        let others = objects.gaps.count { $0.gap == .noObject }
        if others > 0 {
            text +=
                "\(Wording.count(others, "touched file has", "touched files have")) no object of their own: headers, Makefiles, texts\n"
        }
        return text
    }

    private static func told(_ gap: ObjectComparison.Gap) -> String {
        switch gap {
        case .noObject: "it has no object of its own"
        case .otherArchitecture: "it belongs to another architecture"
        case .notConfigured: "this configuration does not build it"
        case .brokenBefore: "it does not compile in the old tree either"
        case .notPrepared: "the tree could not be prepared"
        }
    }
}

/// The objects in JSON.
struct ObjectsJSON: Encodable {
    private let verdict: String
    private let compiled: [CompiledJSON]
    private let notCompiled: [GapJSON]
    private let new: [CompilerMessage]
    private let gone: Int
    private let obstacles: [String]

    private struct CompiledJSON: Encodable {
        let file: String
        let inOldTree, succeeded: Bool
    }

    private struct GapJSON: Encodable { let file, reason: String }

    init(_ objects: ObjectComparison) {
        verdict = ObjectsText.verdict(objects).rawValue
        compiled = objects.compiled.map {
            CompiledJSON(file: $0.file, inOldTree: $0.hasOld, succeeded: $0.succeeded)
        }
        notCompiled = objects.gaps.map { GapJSON(file: $0.file, reason: $0.gap.rawValue) }
        new = objects.new
        gone = objects.gone
        obstacles = objects.obstacles
    }
}
