import Bytes
import KernelModel
public import SystemPackage

/// The Kconfig files of a source tree, read for one architecture.
///
/// Reading runs nothing: macros that ask the compiler stay open questions, which a `.config` made by the tree's own conf
/// answers. A whole tree is read in well under a second.
public struct KconfigTree: Sendable {
    /// The tree.
    public let root: FilePath
    /// The kernel's version.
    public let version: KernelVersion
    let symbols: SymbolTable
    let definitions: [KconfigDefinition]
    let blocks: [KconfigBlock]
    let files: [String]
    let problems: [(place: KconfigPlace, text: String)]
    let macros: KconfigMacros
    /// The definitions of each symbol, by its number.
    let definitionsOf: [[Int]]
    /// What selects each symbol: the definition and its place in that definition's list.
    let selectorsOf: [[(definition: Int, index: Int)]]
    /// What implies each symbol.
    let impliersOf: [[(definition: Int, index: Int)]]

    /// Reads a tree's Kconfig files, beginning with `Kconfig`; where there is none, as before 2.6.37, with
    /// `arch/SRCARCH/Kconfig`, which those kernels give to conf.
    /// - Parameters:
    ///   - folder: The tree.
    ///   - architecture: The `ARCH`; it decides which architecture's files are read.
    /// - Throws: ``KconfigError/notAKernelTree(_:)``, ``KconfigError/malformedKconfig(_:reason:)``, ``KconfigError/file(_:)``.
    public static func load(_ folder: FilePath, architecture: String = "x86_64") throws(KconfigError) -> KconfigTree {
        let version = try KernelVersion(ofTree: folder)
        // Before 2.6.24, i386 and x86_64 had a folder each.
        let source =
            [architecture, KconfigResolver.sourceArchitecture(architecture)]
            .first { Files.isRegular(folder.pushing(FilePath("arch/\($0)/Kconfig"))) }
            ?? KconfigResolver.sourceArchitecture(architecture)
        guard
            let file = ["Kconfig", "arch/\(source)/Kconfig"].first(where: {
                Files.isRegular(folder.pushing(FilePath($0)))
            })
        else { throw .notAKernelTree(folder) }
        return try load(
            folder, file: file, version: version,
            environment: [
                "ARCH": architecture, "SRCARCH": source,
                "SUBARCH": architecture, "srctree": ".", "KERNELVERSION": version.description,
                "KCONFIG_EXT_PREFIX": "", "KBUILD_EXTRA_SYMBOLS": "",
            ])
    }

    /// Reads any Kconfig file and all it sources.
    static func load(
        _ folder: FilePath, file: String, version: KernelVersion, environment: [String: String]
    ) throws(KconfigError) -> KconfigTree {
        var parser = KconfigParser(root: folder, environment: environment)
        try parser.read(file)
        if let end = parser.end {
            let origin = ConfigOrigin(file: folder.pushing(FilePath(parser.files[Int(end.file)])), line: Int(end.line))
            throw .malformedKconfig(origin, reason: "its macros name each other so often that they have no end")
        }
        return KconfigTree(root: folder, version: version, parser: parser)
    }

    private init(root: FilePath, version: KernelVersion, parser: KconfigParser) {
        self.root = root
        self.version = version
        symbols = parser.symbols
        definitions = parser.definitions
        blocks = parser.blocks
        files = parser.files
        problems = parser.problems
        macros = parser.macros
        var definitionsOf = [[Int]](repeating: [], count: symbols.names.count)
        var selectorsOf = [[(definition: Int, index: Int)]](repeating: [], count: symbols.names.count)
        var impliersOf = selectorsOf
        for (number, definition) in definitions.enumerated() {
            definitionsOf[definition.symbol].append(number)
            for (index, select) in definition.selects.enumerated() {
                selectorsOf[select.symbol].append((number, index))
            }
            for (index, imply) in definition.implies.enumerated() { impliersOf[imply.symbol].append((number, index)) }
        }
        self.definitionsOf = definitionsOf
        self.selectorsOf = selectorsOf
        self.impliersOf = impliersOf
    }

    /// How many files were read.
    public var fileCount: Int { files.count }

    /// How many symbols are defined.
    public var symbolCount: Int { definitionsOf.count { !$0.isEmpty } }

    /// What could not be read, as `FILE:LINE: text`; explanations may lack what stands there.
    public var complaints: [String] { problems.map { "\(show($0.place)): \($0.text)" } }

    /// Whether a symbol (without `CONFIG_`) is defined in this kernel.
    public func defines(_ symbol: String) -> Bool {
        symbols.find(symbol).map { !definitionsOf[$0].isEmpty } ?? false
    }

    /// The type of a symbol: the first that any of its definitions gives.
    func type(_ symbol: Int) -> KconfigType {
        definitionsOf[symbol].lazy.map { definitions[$0].type }.first { $0 != .unknown } ?? .unknown
    }

    /// `FILE:LINE`, the file as the tree names it.
    func show(_ place: KconfigPlace) -> String { "\(files[Int(place.file)]):\(place.line)" }

    /// An expression as a Kconfig file writes it.
    func show(_ expression: KconfigExpression) -> String {
        switch expression {
        case .value(let operand): return show(operand)
        case .not(.value(let operand)): return "!" + show(operand)
        case .not(let inner): return "!(\(show(inner)))"
        case .and(let left, let right): return "\(parenthesized(left)) && \(parenthesized(right))"
        case .or(let left, let right): return "\(show(left)) || \(show(right))"
        case .compare(let comparison, let left, let right):
            return "\(show(left)) \(comparison.rawValue) \(show(right))"
        }
    }

    func show(_ operand: KconfigExpression.Operand) -> String {
        switch operand {
        case .symbol(let number): symbols.names[number]
        case .constant(let text): ["y", "m", "n"].contains(text) ? text : "\"\(text)\""
        case .opaque(let text): text
        }
    }

    private func parenthesized(_ expression: KconfigExpression) -> String {
        if case .or = expression { "(\(show(expression)))" } else { show(expression) }
    }

    /// Every condition a definition depends on: of the blocks around it from the outside in, then its own.
    func dependencies(of definition: Int) -> [(condition: KconfigExpression, place: KconfigPlace)] {
        around(definition).flatMap(\.depends) + definitions[definition].depends
    }

    /// What a definition's prompt depends on beyond its dependencies.
    func promptConditions(of definition: Int) -> [(condition: KconfigExpression, place: KconfigPlace)] {
        let own = definitions[definition].promptCondition.map { [($0, definitions[definition].place)] } ?? []
        return around(definition).flatMap(\.visible) + own
    }

    private func around(_ definition: Int) -> [KconfigBlock] {
        var chain: [KconfigBlock] = []
        var number = definitions[definition].block
        while number >= 0 {
            chain.append(blocks[number])
            number = blocks[number].parent
        }
        return chain.reversed()
    }

    /// The choice a definition stands in.
    func choice(of definition: Int) -> Int? {
        var number = definitions[definition].block
        while number >= 0 {
            if blocks[number].kind == .choice { return number }
            number = blocks[number].parent
        }
        return nil
    }
}
