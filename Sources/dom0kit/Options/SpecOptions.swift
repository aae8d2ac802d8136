import ArgumentParser

/// The macros that a spec finds defined, as rpmbuild's options of these names define them.
struct SpecOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A macro that a spec finds defined, as NAME=VALUE; may be repeated.", valueName: "macro"))
    var define: [String] = []

    @Option(help: ArgumentHelp("Switch a part of a spec on, as rpmbuild does; may be repeated.", valueName: "name"))
    var with: [String] = []

    @Option(help: ArgumentHelp("Switch a part of a spec off, as rpmbuild does; may be repeated.", valueName: "name"))
    var without: [String] = []

    func validate() throws {
        guard define.allSatisfy({ Self.parts($0) != nil }) else { throw ValidationError("--define takes NAME=VALUE") }
        guard (with + without).allSatisfy(Self.isName) else {
            throw ValidationError("--with and --without take a name, such as 'debug'")
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "_+-.".contains($0) }
    }

    /// The name and the value; rpmbuild's own way, with a blank between them, is read as well.
    private static func parts(_ text: String) -> (name: String, value: String)? {
        guard let separator = text.firstIndex(where: { $0 == "=" || $0 == " " }), separator != text.startIndex else {
            return nil
        }
        return (String(text[..<separator]), String(text[text.index(after: separator)...]))
    }

    /// The macros, by name.
    var macros: [String: String] {
        var macros: [String: String] = [:]
        for name in with { macros["_with_" + name] = "--with-" + name }
        for name in without { macros["_without_" + name] = "--without-" + name }
        for definition in define { Self.parts(definition).map { macros[$0.name] = $0.value } }
        return macros
    }
}
