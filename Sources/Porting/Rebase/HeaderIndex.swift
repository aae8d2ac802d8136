import Concurrency
import KernelTree
import Merging
import Patching

/// The headers of a tree as far as somebody has asked for them: which of them a file reaches, and which have a name.
///
/// Paths and headers have numbers: a source file reaches some hundred headers by some ten thousand paths that may be meant.
actor HeaderIndex {
    private let tree: any FetchedTree
    /// The tree with what patches have made of it.
    private let overlay: TreeOverlay
    /// How much of what patches have changed was seen.
    private var seenChanges = 0

    private var numbers: [RelativePath: Int] = [:]
    private var paths: [RelativePath] = []
    /// What is at each path.
    private var places: [Place] = []
    private var lastVisit = 0
    /// Counts how often patches have changed a path that was asked for.
    private var epoch = 0

    /// Headers in the order in which they were read; one that a patch has changed is a new one.
    private var headers: [Header] = []
    /// The headers with a name.
    private var holders: [TextKey: [Int]] = [:]
    /// What is known for an architecture.
    private var machines: [String: Machine] = [:]
    /// What is in an archive, which is not read again for every header.
    private var available: Set<RelativePath>?
    /// What else is in it.
    private var everything: Set<RelativePath> = []
    private let folders: Set<RelativePath>
    private let workers: Int

    private struct Header {
        let path: Int
        let includes: [SourceText.Include]
        /// Whether nobody knows what it says: a link, or what an archive was not asked for.
        let isUnknown: Bool
        /// When it was last reached.
        var visit = 0
    }

    /// What was found at a path.
    private enum Found: Sendable {
        case nothing, unknown
        case source(SourceText)
    }

    private struct Machine {
        /// The paths that a line may mean, but for those beside the file.
        var meant: [SourceText.Include: [Int]] = [:]
        /// The headers that each header includes, as of an epoch.
        var included: [Int: (epoch: Int, headers: [Int], isPartial: Bool)] = [:]
    }

    private enum Place {
        case unread, nothing
        case header(Int)
    }

    /// What the headers that a source file reaches have for it.
    struct Offer: Sendable {
        /// Of the names asked for those that they have, each with one of them.
        var names: [TextKey: RelativePath] = [:]
        /// Where what the file itself includes is; nothing for what is not in the tree.
        var direct: [SourceText.Include: RelativePath] = [:]
        /// Whether something that was reached could not be read, or includes what is not found: links, what an archive was
        /// not asked for, folders that only the build knows.
        var isPartial = false
    }

    /// - Parameter folders: Those of the series' files: headers in them are looked for too.
    init(_ tree: any FetchedTree, overlay: TreeOverlay, folders: Set<RelativePath>, workers: Int) {
        self.tree = tree
        self.overlay = overlay
        self.folders = folders
        self.workers = workers
    }

    /// What the headers that a source file reaches have for it.
    /// - Parameters:
    ///   - names: The names asked for.
    ///   - includes: What the file includes.
    ///   - path: The file.
    ///   - unsettled: Headers that are left out, with all that only they include.
    func offer(
        of names: Set<TextKey>, including includes: [SourceText.Include], at path: RelativePath,
        without unsettled: Set<RelativePath> = []
    ) async throws -> Offer {
        try Task.checkCancellation()
        forgetChanges()
        let architecture = HeaderSearch.architecture(of: path)
        lastVisit += 1
        let visit = lastVisit
        let own = includes.map { ($0, numbers(meantBy: $0, beside: path, architecture)) }
        var reached = try await headers(at: numbers(of: HeaderSearch.always) + own.flatMap(\.1))
        var isPartial = false
        while !reached.isEmpty {
            reached.removeAll { header in
                if headers[header].visit == visit || unsettled.contains(paths[headers[header].path]) { return true }
                headers[header].visit = visit
                isPartial = isPartial || headers[header].isUnknown
                return false
            }
            let next = try await headers(includedBy: reached, architecture)
            isPartial = isPartial || next.isPartial
            reached = next.headers
        }
        var offer = Offer()
        offer.isPartial = isPartial
        for name in names {
            guard let header = holders[name]?.first(where: { headers[$0].visit == visit }) else { continue }
            offer.names[name] = paths[headers[header].path]
        }
        for (include, paths) in own {
            let found = paths.first { header(at: $0) != nil }.map { self.paths[$0] }
            if let found, !unsettled.contains(found) { offer.direct[include] = found }
        }
        return offer
    }

    private func numbers(of paths: [RelativePath]) -> [Int] {
        paths.map { path in
            if let number = numbers[path] { return number }
            numbers[path] = self.paths.count
            self.paths.append(path)
            places.append(.unread)
            return self.paths.count - 1
        }
    }

    /// The paths that a line of a file may mean.
    private func numbers(
        meantBy include: SourceText.Include, beside path: RelativePath, _ architecture: String
    ) -> [Int] {
        let beside = include.isQuoted ? numbers(of: HeaderSearch.paths(of: include, beside: path)) : []
        if let found = machines[architecture]?.meant[include] { return beside + found }
        let found = numbers(of: HeaderSearch.paths(of: include, architecture))
        machines[architecture, default: Machine()].meant[include] = found
        return beside + found
    }

    /// The headers that some headers include.
    /// - Returns: With them whether one of the lines says something that is not found, as with folders of `ccflags-y`.
    private func headers(
        includedBy headers: [Int], _ architecture: String
    ) async throws -> (headers: [Int], isPartial: Bool) {
        let now = epoch
        var found: [Int] = []
        var isPartial = false
        var missing: [(header: Int, meant: [(include: SourceText.Include, paths: [Int])])] = []
        for header in headers {
            if let known = machines[architecture]?.included[header], known.epoch == now {
                found += known.headers
                isPartial = isPartial || known.isPartial
                continue
            }
            let path = paths[self.headers[header].path]
            let meant = self.headers[header].includes.map {
                (include: $0, paths: numbers(meantBy: $0, beside: path, architecture))
            }
            missing.append((header, meant))
        }
        guard !missing.isEmpty else { return (found, isPartial) }
        try await prepare(missing.flatMap { $0.meant.flatMap(\.paths) })
        for (header, meant) in missing {
            let included = meant.map { $0.paths.compactMap(self.header) }
            let isLost = zip(meant, included).contains { $0.include.isQuoted && $1.isEmpty }
            machines[architecture, default: Machine()].included[header] = (now, included.flatMap(\.self), isLost)
            found += included.joined()
            isPartial = isPartial || isLost
        }
        return (found, isPartial)
    }

    /// The headers at some paths.
    private func headers(at paths: [Int]) async throws -> [Int] {
        try await prepare(paths)
        return paths.compactMap(header)
    }

    /// What patches have changed since is read again.
    private func forgetChanges() {
        for path in overlay.history[seenChanges...] {
            guard let number = numbers[path] else { continue }
            places[number] = .unread
            epoch += 1
        }
        seenChanges = overlay.history.count
    }

    /// Reads what is at some paths, with what patches have made of it.
    private func prepare(_ asked: [Int]) async throws {
        var seen: Set<Int> = []
        let unread = asked.filter { if case .unread = places[$0] { seen.insert($0).inserted } else { false } }
        guard !unread.isEmpty else { return }
        try await fetch(unread.map { paths[$0] })
        let (tree, overlay, available, names) = (tree, overlay, available, unread.map { paths[$0] })
        let everything = everything
        let sources = try Parallel.map(count: names.count, workers: workers) { index -> Found in
            let path = names[index]
            let file =
                if let changed = overlay.change(of: path) {
                    changed
                } else {
                    try available.map { $0.contains(path) } ?? true ? tree.read(path) : nil
                }
            guard let file else { return everything.contains(path) ? .unknown : .nothing }
            return file.kind == .regular ? .source(SourceText(file.content.bytes)) : .unknown
        }
        for (number, found) in zip(unread, sources) {
            var source: SourceText?
            switch found {
            case .nothing:
                places[number] = .nothing
                continue
            case .unknown: break
            case .source(let text): source = text
            }
            places[number] = .header(headers.count)
            for name in source?.names ?? [] { holders[name, default: []].append(headers.count) }
            headers.append(Header(path: number, includes: source?.includes ?? [], isUnknown: source == nil))
        }
    }

    /// Brings headers here.
    private func fetch(_ paths: [RelativePath]) async throws {
        guard tree.isStream else { return try await tree.fetch(paths) }
        guard available == nil else { return }
        // All that may be asked for, in one pass.
        let names = tree.names()
        let all = names.filter { path in
            path.bytes.suffix(2).elementsEqual(".h".utf8)
                && (HeaderSearch.isShared(path) || path.parent.map(folders.contains) ?? false)
        }
        try await tree.fetch(all)
        available = Set(all)
        everything = Set(names).subtracting(all)
    }

    /// The header at a path that was read.
    private func header(at number: Int) -> Int? {
        if case .header(let header) = places[number] { header } else { nil }
    }
}

/// Where the compiler looks for the kernel's headers.
///
/// The folders are those of the kernel's `LINUXINCLUDE` from 2.6.18 (`include/asm-ARCH`) to today (`arch/ARCH/include`), the
/// generic ones and those of the Xen forks' own `mach-xen`. All that a line may mean are looked at: what is found in
/// one of them is not missing.
enum HeaderSearch {
    /// What the build includes in every file.
    static let always = ["include/linux/kconfig.h", "include/linux/compiler_types.h"].compactMap { RelativePath($0) }

    /// The architecture a file is compiled for, where its path says so.
    static func architecture(of path: RelativePath) -> String {
        let parts = path.components
        return parts.count > 2 && parts[0].elementsEqual("arch".utf8)
            ? String(decoding: parts[1], as: UTF8.self) : "x86"
    }

    /// Whether a path is in a folder that is the same for all files.
    static func isShared(_ path: RelativePath) -> Bool {
        let parts = path.components
        return parts[0].elementsEqual("include".utf8)
            || parts.count > 3 && parts[0].elementsEqual("arch".utf8) && parts[2].elementsEqual("include".utf8)
    }

    /// The paths that a line may mean wherever it stands.
    static func paths(of include: SourceText.Include, _ architecture: String) -> [RelativePath] {
        let name = String(decoding: include.path, as: UTF8.self)
        var found = folders(architecture).map { $0 + name }
        if name.hasPrefix("asm/") { found += machines(architecture).map { $0 + name.dropFirst(4) } }
        return found.compactMap(normalized)
    }

    /// The path that a line may mean beside the file in which it stands.
    static func paths(of include: SourceText.Include, beside path: RelativePath) -> [RelativePath] {
        let folder = path.parent.map { $0.string + "/" } ?? ""
        return normalized(folder + String(decoding: include.path, as: UTF8.self)).map { [$0] } ?? []
    }

    private static func folders(_ architecture: String) -> [String] {
        ["include/", "include/uapi/", "arch/\(architecture)/include/", "arch/\(architecture)/include/uapi/"]
    }

    /// What `asm/` may be, beside those.
    private static func machines(_ architecture: String) -> [String] {
        var names = [architecture]
        var found = ["include/asm-generic/", "include/uapi/asm-generic/"]
        if architecture == "x86" || architecture == "i386" || architecture == "x86_64" {
            names += ["x86", "i386", "x86_64"]
            found.append("arch/x86/include/mach-xen/asm/")
        }
        return found + names.flatMap { ["include/asm-\($0)/", "include/asm-\($0)/mach-xen/asm/"] }
    }

    /// A path without `..`; `nil` for one that leaves the tree.
    private static func normalized(_ path: String) -> RelativePath? {
        // No file system has such names.
        if path.utf8.count > 4000 || path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.count > 255 }) {
            return nil
        }
        guard path.utf8.contains(UInt8(ascii: ".")), path.contains("../") else { return RelativePath(path) }
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return RelativePath(parts.joined(separator: "/"))
    }
}
