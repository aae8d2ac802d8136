public import KernelModel
public import SystemPackage

/// A kernel's `.config`: the value of every symbol.
public struct KernelConfiguration: Sendable {
    /// The file it was read from.
    public let path: FilePath
    /// The settings in the order of the file.
    public let entries: [ConfigEntry]
    /// The kernel that made it, as its first lines say; `nil` where they do not.
    public let kernelVersion: KernelVersion?
    /// The architecture it is for: as its first lines say, else as its settings do; `nil` where neither says so, or where
    /// there is a doubt.
    public let architecture: KernelArchitecture?
    /// The line that says which architecture it is for.
    public let architectureOrigin: ConfigOrigin?
    /// Why it cannot be told which architecture it is for; `nil` where it can, or where nothing says so.
    public let architectureDoubt: ArchitectureDoubt?
    /// Whether Kconfig made it, so that a symbol it does not mention is off.
    ///
    /// A distribution's list of settings, as Fedora's source package carries it, is not settled: it lacks the symbols
    /// that have no prompt, which conf adds.
    public let isSettled: Bool
    /// The symbols to which the file gives two different values.
    public let repetitions: [ConfigRepetition]
    private let places: [String: Int]

    /// Reads a `.config`.
    /// - Throws: ``KconfigError``.
    public init(path: FilePath) throws(KconfigError) { self.init(try ConfigFragment(path: path)) }

    /// Reads a `.config`'s content.
    /// - Parameters:
    ///   - content: The bytes.
    ///   - path: The file's name, for origins and errors.
    /// - Throws: ``KconfigError``.
    public init(_ content: [UInt8], path: FilePath) throws(KconfigError) {
        self.init(try ConfigFragment(content, path: path))
    }

    /// Reads what Kconfig has just made.
    /// - Throws: ``KconfigError``.
    init(settled path: FilePath) throws(KconfigError) { self.init(try ConfigFragment(path: path), isSettled: true) }

    /// Takes the settings of a file as they are.
    /// - Parameters:
    ///   - fragment: The file.
    ///   - isSettled: Whether it is known that Kconfig made it, beyond what it says itself.
    public init(_ fragment: ConfigFragment, isSettled: Bool = false) {
        path = fragment.path
        entries = fragment.entries
        kernelVersion = fragment.kernelVersion
        repetitions = fragment.repetitions
        let places = Dictionary(entries.enumerated().map { ($1.symbol, $0) }, uniquingKeysWith: { $1 })
        self.places = places
        let entries = fragment.entries
        func isOn(_ symbol: String) -> Bool { places[symbol].map { entries[$0].value == .yes } ?? false }
        switch ConfigArchitecture(title: fragment.architecture, lookUp: { places[$0].map { entries[$0] } }) {
        case .known(let known, let origin):
            (architecture, architectureOrigin, architectureDoubt) = (known, origin, nil)
        case .untold: (architecture, architectureOrigin, architectureDoubt) = (nil, nil, nil)
        case .doubtful(let doubt): (architecture, architectureOrigin, architectureDoubt) = (nil, nil, doubt)
        }
        self.isSettled = isSettled || fragment.isGenerated || ConfigArchitecture.isToldBySymbols(isOn)
    }

    /// The value of a symbol (without `CONFIG_`); ``ConfigValue/no`` where the file does not mention it.
    public subscript(symbol: String) -> ConfigValue { entry(symbol)?.value ?? .no }

    /// The line of a symbol; `nil` where the file does not mention it.
    public func entry(_ symbol: String) -> ConfigEntry? { places[symbol].map { entries[$0] } }

    /// The content of a `.config` file with these settings.
    public var bytes: [UInt8] { ConfigMerger.content(entries) }
}
