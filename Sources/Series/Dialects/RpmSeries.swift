import Archive
import Bytes
import RpmSpec
import SystemPackage

/// Reads the patches that an RPM spec applies, from a spec file with its sources around it or from a source package.
///
/// The series holds what is applied in the main tree: the folder that most patches go to, and the folders it was copied
/// from. Patches for another folder (a second phase, such as the hypervisor's own tree) are listed but left out, with
/// their folder as the condition; one for a copy of the main tree, which may be what is built, is a gap. Where `%prep` puts
/// back what a patch did to some folders, that is an entry too: the part of the patch that concerns them, in reverse.
struct RpmSeries {
    let architecture: String
    let macros: [String: String]
    var guards: Set<String> = []

    /// Reads a spec whose patches lie beside it, or in `SOURCES` beside its `SPECS`.
    func read(spec: FilePath, name: String) throws -> PatchSeries {
        try plan(spec: spec, name: name).series
    }

    /// Reads a spec with all that its `%prep` does.
    func plan(spec: FilePath, name: String) throws -> SpecPlan {
        let folder = spec.removingLastComponent()
        let sources = folder.removingLastComponent().appending("SOURCES")
        func file(_ name: String) -> FilePath {
            let beside = folder.appending(name)
            let other = sources.appending(name)
            return !Files.isRegular(beside) && Files.isRegular(other) ? other : beside
        }
        var plan = try plan(
            try SeriesText.lines(of: spec).map(\.text), spec: spec, folder: folder, name: name
        ) { .file(file($0)) }
        plan.folders = [folder, sources]
        return plan
    }

    /// Reads a source package (`.src.rpm`) without unpacking it to disk.
    func read(package: FilePath, name: String) throws -> PatchSeries {
        var spec: (name: String, lines: [String])?
        var files: [String: [UInt8]] = [:]
        try Archives.forEachEntry(in: .file(package)) { entry, content in
            guard entry.kind == .file, let file = entry.path.lastComponent?.string else { return .next }
            if file.hasSuffix(".spec") {
                let bytes = try content.bytes(limit: 16 << 20)
                // Several spec files are made from one template; the one of the package's own name is its spec.
                if spec == nil || name.hasPrefix(file.dropLast(5)) {
                    spec = (file, SeriesText.lines(bytes).map(\.text))
                }
            } else if !file.contains(".tar") || PatchArchives.isArchive(file), entry.size <= 256 << 20 {
                files[file] = try content.bytes(limit: 256 << 20)
            }
            return .next
        }
        if files["series.conf"] != nil {
            return try SuseSeries.read(package: package, files: files, name: name, defined: guards)
        }
        guard let spec else { throw SeriesError.unknown(path: package, reason: "it has no spec file") }
        let stored = files
        return try plan(spec.lines, spec: package.appending(spec.name), folder: package, name: name) { file in
            stored[file].map { .bytes($0) } ?? .file(package.appending(file))
        }.series
    }

    private func plan(
        _ written: [String], spec path: FilePath, folder: FilePath, name: String,
        content: @escaping (String) -> SeriesEntry.Content
    ) throws -> SpecPlan {
        let template = SpecTemplate.isOne(path) ? SpecTemplate(written, in: folder, macros: macros) : nil
        let lines = template?.lines ?? written
        let spec: SpecFile
        do throws(SpecProblem) {
            spec = try SpecFile(lines, architecture: architecture, macros: macros) { file in
                switch content(file) {
                case .bytes(let bytes): bytes
                // Archives are unpacked, not searched.
                case .file(let path): file.contains(".tar") || !Files.isRegular(path) ? nil : try? Files.read(path)
                case .part: nil
                }
            }
        } catch {
            throw SeriesError.malformed(at: SeriesPosition(file: path, line: error.line), reason: error.reason)
        }
        let (main, isMain) = Self.mainTree(spec)
        let copies = Self.copies(of: main, spec.steps)
        var series = PatchSeries(name: name, dialect: .rpm, file: path, folder: folder, lines: [])
        var entries: [SeriesEntry] = []
        for (index, patch) in spec.applied.enumerated() {
            let position = SeriesPosition(file: path, line: patch.line)
            _ = try SeriesText.file(patch.file, in: folder, at: position)
            var entry = SeriesEntry(
                name: patch.file, content: patch.text.map { .bytes(Array($0.utf8)) } ?? content(patch.file),
                strip: patch.strip, reverse: patch.reverse,
                position: position, comment: patch.number.map { "Patch\($0)" })
            (entry.fuzz, entry.backup, entry.condition) = (patch.fuzz, patch.backup, patch.condition)
            entry.isForGit = patch.isForGit
            if !isMain[index] {
                // `%setup` has made the first folder; it says nothing where there are others below it.
                let parts = patch.folder?.split(separator: "/") ?? ["?"]
                entry.exclusions.append(
                    .otherFolder((parts.count > 1 ? parts[1...] : parts[...]).joined(separator: "/")))
                if let folder = patch.folder,
                    let copy = copies.last(where: { folder == $0 || folder.hasPrefix($0 + "/") })
                {
                    series.gaps.append(
                        SeriesRemark(
                            position: position,
                            text:
                                "'\(patch.file)' is applied in '\(copy)', a copy of the tree '\(main)' that is not judged"
                        ))
                }
                if let folder = patch.folder, !main.isEmpty, folder.hasPrefix(main + "/") {
                    series.gaps.append(
                        SeriesRemark(
                            position: position,
                            text:
                                "'\(patch.file)' is applied in a folder of the tree: \(folder.dropFirst(main.count + 1))"
                        ))
                }
            }
            if let uncertain = patch.uncertain {
                entry.exclusions.append(.condition(uncertain))
                series.gaps.append(
                    SeriesRemark(
                        position: position,
                        text: "whether '\(patch.file)' is applied depends on '\(uncertain)', which is not evaluated"))
            }
            if patch.isOptional, Self.isShort(entry.content) {
                entry.exclusions.append(.optionalTooShort)
            }
            entries.append(entry)
        }
        series.lines = Self.lines(spec, entries, main: main, &series.remarks, path)
        let used = Set(spec.applied.map(\.file))
        for (number, listed) in spec.lists.patches.sorted(by: { $0.key < $1.key }) where !used.contains(listed.file) {
            series.remarks.append(
                SeriesRemark(
                    position: SeriesPosition(file: path, line: listed.line),
                    text: "Patch\(number) (\(listed.file)) is listed, but %prep does not apply it"))
        }
        series.remarks += (template?.remarks ?? []).map {
            SeriesRemark(position: SeriesPosition(file: path, line: $0.line), text: $0.text)
        }
        let gaps = ((template?.gaps ?? []) + spec.gaps).map {
            SeriesRemark(position: SeriesPosition(file: path, line: $0.line), text: $0.text)
        }
        let earlier = EarlierChanges(spec.steps, entries: entries, isMain: isMain, main: main, spec: path)
        series.gaps += gaps + earlier.forSeries
        series.remarks += spec.remarks.map {
            SeriesRemark(position: SeriesPosition(file: path, line: $0.line), text: $0.text)
        }
        let reached = Self.applications(in: spec.steps)
        let missed =
            gaps + earlier.forImport
            + spec.applied.enumerated().filter { !reached.contains($0.offset) }.map { _, patch in
                SeriesRemark(
                    position: SeriesPosition(file: path, line: patch.line),
                    text:
                        "whether '\(patch.file)' is applied depends on '\(patch.uncertain ?? "")', which is not evaluated"
                )
            }
        return SpecPlan(
            series: series, entries: entries, steps: spec.steps, addresses: spec.addresses, mainFolder: main,
            notEvaluated: spec.remarks.map {
                SeriesRemark(position: SeriesPosition(file: path, line: $0.line), text: $0.text)
            }, missed: missed,
            applicationFolders: spec.applied.map(\.folder))
    }

    /// The applications that steps reach, under conditions of the tree among them.
    private static func applications(in steps: [PrepStep]) -> Set<Int> {
        steps.reduce(into: []) { found, step in
            switch step.action {
            case .patch(let index): found.insert(index)
            case .conditional(_, _, _, let then, let otherwise): found.formUnion(applications(in: then + otherwise))
            default: break
            }
        }
    }

    /// Whether a patch has no more than nine lines: what `ApplyOptionalPatch` takes for empty.
    private static func isShort(_ content: SeriesEntry.Content) -> Bool {
        switch content {
        case .bytes(let bytes): return bytes.count(where: { $0 == UInt8(ascii: "\n") }) <= 9
        case .file(let path):
            guard let bytes = try? Files.read(path) else { return false }
            return bytes.count(where: { $0 == UInt8(ascii: "\n") }) <= 9
        case .part: return false
        }
    }

    /// The folder most patches go to, and for each patch whether it is in that tree in the end: a patch to a folder that
    /// the tree is a copy of, made before the copy, is.
    private static func mainTree(_ spec: SpecFile) -> (folder: String, isMain: [Bool]) {
        var counts: [String: Int] = [:]
        for patch in spec.applied { counts[patch.folder ?? "", default: 0] += 1 }
        let most = counts.values.max() ?? 0
        let main = spec.applied.first { counts[$0.folder ?? ""] == most }?.folder ?? ""
        var names: Set<String> = [main]
        var isMain = spec.applied.map { $0.folder == main }
        for step in spec.steps.reversed() {
            switch step.action {
            case .patch(let index): isMain[index] = spec.applied[index].folder.map(names.contains) ?? false
            case .copy(let from, let to, _, _):
                for case .build(let folder) in from where names.contains(to) { names.insert(folder) }
            case .move(let from, let to): if names.contains(to) { names.formUnion(from) }
            default: break
            }
        }
        return (main, isMain)
    }

    /// The folders that hold the main tree a second time: copies of it or of a folder it comes from, and what its archive
    /// is unpacked into again.
    private static func copies(of main: String, _ steps: [PrepStep]) -> [String] {
        func flat(_ steps: [PrepStep]) -> [PrepStep] {
            steps.flatMap { step -> [PrepStep] in
                guard case .conditional(_, _, _, let then, let otherwise) = step.action else { return [step] }
                return flat(then + otherwise)
            }
        }
        let steps = flat(steps)
        func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
        func inside(_ from: String, _ to: String) -> String { (to.isEmpty ? "" : to + "/") + name(from) }
        func targets(_ from: String, _ to: String) -> [String] {
            to.isEmpty ? [inside(from, to)] : [to, inside(from, to)]
        }
        var related: Set<String> = [main]
        for step in steps.reversed() {
            switch step.action {
            case .copy(let from, let to, _, _):
                for case .build(let folder) in from where !related.isDisjoint(with: targets(folder, to)) {
                    related.insert(folder)
                }
            case .move(let from, let to):
                for folder in from where !related.isDisjoint(with: targets(folder, to)) { related.insert(folder) }
            default: break
            }
        }
        // What is inside the tree stays a part of it.
        var copies: Set<String> = []
        func add(_ folder: String) {
            if !related.contains(folder), !folder.hasPrefix(main + "/") { copies.insert(folder) }
        }
        let origins = steps.compactMap { step -> String? in
            guard case .unpack(let archive, let folder) = step.action else { return nil }
            return folder.isEmpty || main == folder || main.hasPrefix(folder + "/") ? archive : nil
        }
        // A folder that is there already gets the copy inside.
        var made: Set<String> = []
        func arrive(_ from: String, _ to: String) {
            // All that is in a folder: it comes to be in the target itself.
            if from == "*" || from.hasSuffix("/*") {
                let folder = from.dropLast(from == "*" ? 1 : 2)
                if related.contains(String(folder)) || copies.contains(String(folder)) { add(to) }
                return
            }
            let target = to.isEmpty || made.contains(to) ? inside(from, to) : to
            made.insert(target)
            if related.contains(from) || copies.contains(from) || main.hasPrefix(from + "/") { add(target) }
        }
        for step in steps {
            switch step.action {
            case .unpack(let archive, let folder):
                made.insert(folder)
                if origins.contains(archive), !folder.isEmpty, main != folder, !main.hasPrefix(folder + "/") {
                    add(folder)
                }
            case .makeFolders(let folders): made.formUnion(folders)
            case .copy(let from, let to, _, _): for case .build(let folder) in from { arrive(folder, to) }
            case .move(let from, let to): for folder in from { arrive(folder, to) }
            default: break
            }
        }
        return copies.sorted()
    }

    /// The entries, with what is put back behind the patch it is taken from.
    private static func lines(
        _ spec: SpecFile, _ entries: [SeriesEntry], main: String, _ remarks: inout [SeriesRemark], _ path: FilePath
    ) -> [SeriesLine] {
        var lines: [SeriesLine] = []
        var comments = spec.comments[...]
        func add(_ entry: SeriesEntry) {
            // Steps come in the order of their lines, so the comments above an entry are those not yet taken.
            while let comment = comments.first, comment.line < entry.position.line {
                lines.append(.text(comment.text))
                comments.removeFirst()
            }
            lines.append(.entry(entry))
        }
        var latest: [String: Int] = [:]
        var removed: Set<String> = []
        func take(_ steps: [PrepStep]) {
            for step in steps {
                switch step.action {
                case .patch(let index):
                    add(entries[index])
                    if let suffix = entries[index].backup { latest[suffix] = index }
                case .conditional(_, _, _, let then, let otherwise):
                    take(then)
                    take(otherwise)
                case .removeMatching(_, let patterns): removed.formUnion(patterns)
                case .restoreBackups(let folders, let suffix):
                    guard let index = latest[suffix] else { continue }
                    var entry = entries[index]
                    let place = spec.applied[index].folder ?? ""
                    let inside = folders.map { folder in
                        place.isEmpty
                            ? folder
                            : folder.hasPrefix(place + "/") ? String(folder.dropFirst(place.count + 1)) : folder
                    }
                    entry.content = .part(of: entry.content, below: inside)
                    entry.name += ".put-back"
                    entry.reverse.toggle()
                    entry.backup = nil
                    entry.position = SeriesPosition(file: path, line: step.line)
                    add(entry)
                default: break
                }
            }
        }
        take(spec.steps)
        for (suffix, index) in latest.sorted(by: { $0.value < $1.value }) where !removed.contains("*" + suffix) {
            remarks.append(
                SeriesRemark(
                    position: entries[index].position,
                    text: "%patch -b \(suffix) leaves copies that stay in the tree; only an import makes them"))
        }
        return lines
    }
}
