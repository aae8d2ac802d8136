import Bytes
import SystemPackage

/// Reads the Kconfig files of a tree, following `source`, into definitions and blocks.
///
/// The grammar is that of `scripts/kconfig/parser.y` of Linux 7.2, with what older kernels had besides (`---help---`,
/// `option env=`, named choices, tristate choices). What it cannot read is recorded, never guessed at.
struct KconfigParser {
    private(set) var symbols = SymbolTable()
    private(set) var definitions: [KconfigDefinition] = []
    private(set) var blocks: [KconfigBlock] = []
    /// The files, as they are named in `source` lines.
    private(set) var files: [String] = []
    /// Where the macros asked for more than ``KconfigMacros/isExhausted`` allows: nothing behind it was read.
    private(set) var end: KconfigPlace?
    /// What could not be read, with its place.
    private(set) var problems: [(place: KconfigPlace, text: String)] = []
    private(set) var macros: KconfigMacros

    private let root: FilePath
    private var block = -1
    private var including: [String] = []
    private static let depthLimit = 64
    /// A kernel has some 2,000 files; their longest line some 50 tokens.
    private static let fileLimit = 50_000
    private static let tokenLimit = 4_000

    /// What the options of a line belong to.
    private enum Target {
        case definition(Int)
        case block(Int)
        case nothing
    }

    init(root: FilePath, environment: [String: String]) {
        self.root = root
        macros = KconfigMacros(environment: environment)
    }

    /// Reads one file and all it sources.
    /// - Throws: ``KconfigError`` where this first file cannot be read.
    mutating func read(_ name: String) throws(KconfigError) {
        let path = name.hasPrefix("/") ? FilePath(name) : root.pushing(FilePath(name))
        let content: [UInt8]
        do { content = try Files.read(path) } catch { throw .file(error) }
        including.append(name)
        parse(content, file: file(name))
        including.removeLast()
    }

    private mutating func file(_ name: String) -> Int32 {
        files.append(name)
        return Int32(files.count - 1)
    }

    private mutating func parse(_ content: [UInt8], file: Int32) {
        var scanner = KconfigScanner(content)
        var target = Target.nothing
        let outer = block
        while end == nil, let range = scanner.next() {
            let place = KconfigPlace(file: file, line: Int32(scanner.line))
            if let (name, flavour, value) = Self.assignment(content, range) {
                macros.define(name, flavour, value)
                if macros.isExhausted { end = place }
                continue
            }
            let (tokens, complaint) = scanner.tokens(range, &macros)
            if macros.isExhausted {
                end = place
                return
            }
            if let complaint { problems.append((place, complaint)) }
            guard tokens.count <= Self.tokenLimit else {
                problems.append((place, "the line is too long"))
                continue
            }
            guard let first = tokens.first else { continue }
            guard case .word(let keyword, let opaque) = first else {
                problems.append((place, "a statement is expected here"))
                continue
            }
            // A macro alone on its line, such as `$(error-if,…)`.
            if opaque { continue }
            if keyword == "help" || keyword == "---help---"
                || keyword == "---" && tokens.dropFirst().first?.word == "help"
            {
                scanner.skipHelp()
                continue
            }
            var line = KconfigLine(tokens.dropFirst(), place: place)
            if !statement(keyword, &line, &target, place) { option(keyword, &line, target, place) }
            if let problem = line.problem { problems.append((place, problem)) }
        }
        if block != outer, end == nil {
            problems.append((KconfigPlace(file: file, line: Int32(scanner.line)), "a block is not ended in this file"))
            block = outer
        }
    }

    /// `name = value`, `name := value` or `name += value` at the beginning of a line.
    private static func assignment(_ bytes: [UInt8], _ range: Range<Int>) -> (String, String, [UInt8])? {
        var at = range.lowerBound
        while at < range.upperBound, bytes[at] == 0x2d || bytes[at] == 0x5f || isAlphanumeric(bytes[at]) { at += 1 }
        let name = bytes[range.lowerBound..<at]
        while at < range.upperBound, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        guard !name.isEmpty, at < range.upperBound else { return nil }
        var flavour = "="
        if bytes[at] == UInt8(ascii: ":") || bytes[at] == UInt8(ascii: "+") {
            flavour = bytes[at] == UInt8(ascii: ":") ? ":=" : "+="
            at += 1
        }
        guard at < range.upperBound, bytes[at] == UInt8(ascii: "=") else { return nil }
        at += 1
        while at < range.upperBound, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        return (String(decoding: name, as: UTF8.self), flavour, Array(bytes[at..<range.upperBound]))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    // MARK: Statements

    /// Takes a line that begins an entry or block or ends one; false if it is none.
    private mutating func statement(
        _ keyword: String, _ line: inout KconfigLine, _ target: inout Target, _ place: KconfigPlace
    ) -> Bool {
        switch keyword {
        case "config", "menuconfig":
            guard let name = line.takeWord() else {
                line.fail("a symbol name is expected behind '\(keyword)'")
                return true
            }
            let symbol = symbols.number(name)
            definitions.append(KconfigDefinition(symbol: symbol, place: place, block: block))
            target = .definition(definitions.count - 1)
            if let choice = enclosingChoice() { blocks[choice].members.append(symbol) }
        case "choice":
            begin(.choice, &target)
        case "menu":
            begin(.menu, &target)
            _ = line.takeText()
        case "if":
            begin(.conditional, &target)
            if let condition = line.takeExpression(&symbols) {
                blocks[blocks.count - 1].depends.append((condition, place))
            }
            target = .nothing
        case "endchoice": end(.choice, keyword, &line, &target)
        case "endmenu": end(.menu, keyword, &line, &target)
        case "endif": end(.conditional, keyword, &line, &target)
        case "comment", "mainmenu":
            _ = line.takeText()
            target = .nothing
        case "source", "osource", "rsource", "orsource":
            target = .nothing
            source(keyword, &line, place)
        default: return false
        }
        return true
    }

    private mutating func begin(_ kind: KconfigBlock.Kind, _ target: inout Target) {
        blocks.append(KconfigBlock(kind: kind, parent: block))
        block = blocks.count - 1
        target = .block(block)
    }

    private mutating func end(
        _ kind: KconfigBlock.Kind, _ keyword: String, _ line: inout KconfigLine, _ target: inout Target
    ) {
        target = .nothing
        guard block >= 0, blocks[block].kind == kind else {
            line.fail("'\(keyword)' ends nothing that was begun")
            return
        }
        block = blocks[block].parent
    }

    private func enclosingChoice() -> Int? {
        var number = block
        while number >= 0 {
            if blocks[number].kind == .choice { return number }
            number = blocks[number].parent
        }
        return nil
    }

    private mutating func source(_ keyword: String, _ line: inout KconfigLine, _ place: KconfigPlace) {
        guard let (text, opaque) = line.takeText() else {
            line.fail("a file name is expected behind '\(keyword)'")
            return
        }
        guard !opaque, !text.contains("$") else {
            line.fail("'\(text)' is not followed: it depends on the build environment")
            return
        }
        var name = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
        if keyword.contains("r"), keyword != "source", keyword != "osource" {
            let folder = FilePath(files[Int(place.file)]).removingLastComponent()
            name = folder.pushing(FilePath(name)).string
        }
        let names = name.contains { "*?[".contains($0) } ? Glob.names(name, in: root) : [name]
        let optional = keyword.hasPrefix("o")
        if names.isEmpty, !optional { line.fail("nothing matches '\(name)'") }
        for name in names {
            if end != nil { return }
            guard including.count < Self.depthLimit, !including.contains(name) else {
                line.fail("'\(name)' sources itself")
                return
            }
            guard files.count < Self.fileLimit else {
                line.fail("more than \(Self.fileLimit) files are sourced")
                return
            }
            let path = name.hasPrefix("/") ? FilePath(name) : root.pushing(FilePath(name))
            guard Files.isRegular(path) else {
                if !optional { line.fail("'\(name)' is not there") }
                continue
            }
            do { try read(name) } catch { line.fail(error.message) }
        }
    }

    // MARK: Options

    private mutating func option(_ keyword: String, _ line: inout KconfigLine, _ target: Target, _ place: KconfigPlace)
    {
        switch target {
        case .definition(let number): option(keyword, &line, definition: number, place)
        case .block(let number): option(keyword, &line, block: number, place)
        case .nothing:
            if keyword != "depends" { line.fail("unknown statement '\(keyword)'") }
        }
    }

    private mutating func option(
        _ keyword: String, _ line: inout KconfigLine, definition number: Int, _ place: KconfigPlace
    ) {
        switch keyword {
        case "bool", "boolean", "tristate", "string", "int", "hex":
            definitions[number].type = KconfigType(rawValue: keyword) ?? .bool
            if !line.isAtEnd { prompt(&line, number) }
        case "prompt": prompt(&line, number)
        case "def_bool", "def_tristate":
            definitions[number].type = keyword == "def_bool" ? .bool : .tristate
            addDefault(&line, number, place)
        case "default": addDefault(&line, number, place)
        case "depends":
            if let condition = dependency(&line) { definitions[number].depends.append((condition, place)) }
        case "select", "imply":
            guard let name = line.takeWord() else {
                line.fail("a symbol name is expected behind '\(keyword)'")
                return
            }
            let entry = (symbol: symbols.number(name), condition: line.takeCondition(&symbols), place: place)
            if keyword == "select" {
                definitions[number].selects.append(entry)
            } else {
                definitions[number].implies.append(entry)
            }
        case "range":
            guard let low = line.takeOperand(&symbols), let high = line.takeOperand(&symbols) else {
                line.fail("two limits are expected behind 'range'")
                return
            }
            definitions[number].ranges.append((low, high, line.takeCondition(&symbols), place))
        case "option":
            // `option env="NAME"`, before 4.18; `option defconfig_list`, before 5.14; the others say nothing about values.
            switch line.takeWord() {
            case "env":
                if line.takeSymbol("="), let (name, _) = line.takeText() { definitions[number].environment = name }
            case "defconfig_list": definitions[number].isUnwritten = true
            default: break
            }
            line.skip()
        case "transitional": definitions[number].isTransitional = true
        case "modules", "optional": break
        default: line.fail("unknown option '\(keyword)'")
        }
    }

    private mutating func option(_ keyword: String, _ line: inout KconfigLine, block number: Int, _ place: KconfigPlace)
    {
        switch keyword {
        case "depends":
            if let condition = dependency(&line) { blocks[number].depends.append((condition, place)) }
        case "visible":
            if let condition = line.takeCondition(&symbols) { blocks[number].visible.append((condition, place)) }
        case "prompt", "bool", "boolean", "tristate":
            guard blocks[number].kind == .choice else {
                line.fail("unknown option '\(keyword)'")
                return
            }
            _ = line.takeText()
            // A choice without its prompt cannot be chosen in.
            if let condition = line.takeCondition(&symbols) { blocks[number].visible.append((condition, place)) }
        case "default", "optional", "option", "modules": line.skip()
        default: line.fail("unknown option '\(keyword)'")
        }
    }

    private mutating func prompt(_ line: inout KconfigLine, _ number: Int) {
        guard let (text, _) = line.takeText() else {
            line.fail("a prompt is expected here")
            return
        }
        definitions[number].prompt = text
        definitions[number].promptCondition = line.takeCondition(&symbols)
    }

    private mutating func addDefault(_ line: inout KconfigLine, _ number: Int, _ place: KconfigPlace) {
        guard let value = line.takeExpression(&symbols) else { return }
        definitions[number].defaults.append((value, line.takeCondition(&symbols), place))
    }

    /// `on EXPR [if EXPR]`: without its condition the dependency counts as met. Kernels up to 2.6.2x take `depends EXPR`
    /// too.
    private mutating func dependency(_ line: inout KconfigLine) -> KconfigExpression? {
        _ = line.takeWord("on")
        guard let expression = line.takeExpression(&symbols) else {
            line.fail("'depends' goes with 'on' and an expression")
            return nil
        }
        guard let condition = line.takeCondition(&symbols) else { return expression }
        return .or(expression, .not(condition))
    }
}
