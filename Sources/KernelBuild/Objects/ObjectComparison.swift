/// The objects of files in two trees, and what the compiler says in the new one only.
public struct ObjectComparison: Sendable {
    /// A file that was touched, by its name in each tree; `nil` where it is not there.
    public struct Subject: Sendable, Hashable {
        /// In the old tree.
        public let old: String?
        /// In the new tree.
        public let new: String?

        /// Names a file.
        public init(old: String?, new: String?) {
            self.old = old
            self.new = new
        }
    }

    /// Why a file says nothing.
    public enum Gap: String, Sendable, Codable, CaseIterable {
        /// It is not compiled by itself: a header, a Makefile, Kconfig, a text.
        case noObject = "no-object"
        /// It belongs to another architecture.
        case otherArchitecture = "other-architecture"
        /// The configuration does not build it.
        case notConfigured = "not-configured"
        /// It does not compile in the old tree either.
        case brokenBefore = "broken-before"
        /// The tree could not be prepared for it.
        case notPrepared = "not-prepared"
    }

    /// A file that was compiled in the new tree.
    public struct Compiled: Sendable {
        /// The file.
        public let file: String
        /// Whether it could be compiled in the old tree too; its messages are new where it could not.
        public let hasOld: Bool
        /// Whether there is an object.
        public let succeeded: Bool
    }

    /// What was compiled.
    public private(set) var compiled: [Compiled] = []
    /// What was not, and why.
    public private(set) var gaps: [(file: String, gap: Gap)] = []
    /// What the compiler says in the new tree, and does not in the old one; errors first.
    public private(set) var new: [CompilerMessage] = []
    /// What it says in the old tree only.
    public private(set) var gone = 0
    /// Why a tree could not be prepared.
    public private(set) var obstacles: [String] = []

    /// Whether the new tree has errors that the old one does not have.
    public var hasErrors: Bool { new.contains { $0.severity == .error } || compiled.contains { !$0.succeeded } }

    /// The object of a source file; `nil` where it has none of its own.
    /// - Parameter architecture: The name of the folder below `arch`, such as `x86`.
    public static func object(of file: String, architecture: String) -> Result<String, GapError> {
        guard let dot = file.lastIndex(of: "."), ["c", "S"].contains(file[file.index(after: dot)...]),
            !["tools/", "Documentation/", "samples/", "scripts/"].contains(where: file.hasPrefix)
        else { return .failure(GapError(gap: .noObject)) }
        let parts = file.split(separator: "/")
        if parts.first == "arch", parts.count > 1, parts[1] != architecture {
            return .failure(GapError(gap: .otherArchitecture))
        }
        return .success(file[..<dot] + ".o")
    }

    /// A gap as an error.
    public struct GapError: Error, Equatable {
        /// Which.
        public let gap: Gap
    }

    /// Compares what came of the objects in both trees.
    public init(
        _ subjects: [Subject], architecture: String, old: ObjectBuild.Result, new result: ObjectBuild.Result
    ) {
        obstacles = [old.obstacle.map { "old tree: \($0)" }, result.obstacle.map { "new tree: \($0)" }].compactMap {
            $0
        }
        for subject in subjects {
            guard let file = subject.new else { continue }
            let object: String
            switch Self.object(of: file, architecture: architecture) {
            case .failure(let error):
                gaps.append((file, error.gap))
                continue
            case .success(let found): object = found
            }
            let before = subject.old.flatMap { try? Self.object(of: $0, architecture: architecture).get() }
            let hadOld = before.map(old.compiled.contains) ?? false
            if !obstacles.isEmpty {
                gaps.append((file, .notPrepared))
            } else if result.compiled.contains(object) {
                compiled.append(Compiled(file: file, hasOld: hadOld, succeeded: true))
            } else if result.unknown.contains(object) {
                gaps.append((file, .notConfigured))
            } else if let before, !hadOld, !old.unknown.contains(before) {
                gaps.append((file, .brokenBefore))
            } else {
                compiled.append(Compiled(file: file, hasOld: hadOld, succeeded: false))
            }
        }
        guard obstacles.isEmpty else { return }
        compare(old.messages, result.messages, subjects)
    }

    /// Messages are the same where file and text are, each as often; lines do not matter. A file that does not compile in
    /// the old tree either is left out.
    private mutating func compare(_ old: [CompilerMessage], _ new: [CompilerMessage], _ subjects: [Subject]) {
        let names = Dictionary(
            subjects.compactMap { subject in subject.old.flatMap { old in subject.new.map { (old, $0) } } },
            uniquingKeysWith: { first, _ in first })
        func key(_ message: CompilerMessage, isOld: Bool) -> String {
            let file = isOld ? names[message.file] ?? message.file : message.file
            return "\(message.severity.rawValue) \(file) \(message.text)"
        }
        let broken = Set(gaps.filter { $0.gap == .brokenBefore }.map(\.file))
        var counts: [String: Int] = [:]
        for message in old { counts[key(message, isOld: true), default: 0] += 1 }
        for message in new where !broken.contains(message.file) {
            let name = key(message, isOld: false)
            if let left = counts[name], left > 0 { counts[name] = left - 1 } else { self.new.append(message) }
        }
        gone = counts.values.reduce(0, +)
        self.new = self.new.filter { $0.severity == .error } + self.new.filter { $0.severity == .warning }
    }
}
