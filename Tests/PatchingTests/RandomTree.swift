import TestSupport

/// Two versions of a small tree, the patch of git between them, and a third tree that has moved on from the first.
struct RandomTree {
    /// A file: its lines, and whether it can be executed.
    struct File: Equatable {
        var lines: [String]
        var isExecutable = false
        var lacksNewline = false

        var content: [UInt8] {
            let text = lines.map { $0 + "\n" }.joined()
            return Array(lacksNewline && !lines.isEmpty ? String(text.dropLast()).utf8 : text.utf8)
        }
    }

    private(set) var old: [String: File] = [:]
    private(set) var new: [String: File] = [:]
    private(set) var moved: [String: File] = [:]
    /// Some files as in ``old``, some as in ``new``: what a half-applied patch leaves.
    private(set) var mixed: [String: File] = [:]

    /// Makes a case: files are changed, made, removed, moved, copied, emptied, made executable.
    init(seed: UInt64) {
        var random = SeededGenerator(seed)
        for name in ["a", "b.c", "d/e.c", "d/f", "d/g/h"] {
            let file = File(
                lines: Self.lines(random.chance(12) ? 0 : 4 + random.below(30), name, &random),
                isExecutable: random.chance(20), lacksNewline: random.chance(8))
            if random.chance(90) { old[name] = file }
        }
        new = old
        for name in old.keys.sorted() {
            guard var file = old[name] else { continue }
            switch random.below(12) {
            case 0...4: Self.change(&file, &random)
            case 5:
                new[name] = nil
                continue
            case 6:
                new[name] = nil
                if random.chance(60) { Self.change(&file, &random) }
                new["m/\(name)"] = file
                continue
            case 7:
                var copy = file
                if random.chance(50) { Self.change(&copy, &random) }
                new["copy-of-\(random.below(100))"] = copy
            case 8: file.isExecutable.toggle()
            case 9: file.lines = []
            case 10:
                file.isExecutable.toggle()
                Self.change(&file, &random)
            default: break
            }
            new[name] = file
        }
        if random.chance(40) {
            new["n/new-\(random.below(9))"] = File(lines: Self.lines(random.below(6), "n", &random))
        }
        moved = old
        for name in old.keys.sorted() where random.chance(25) {
            moved[name]?.lines.insert(contentsOf: Self.lines(1 + random.below(4), "x", &random), at: 0)
        }
        for name in Set(old.keys).union(new.keys).sorted() {
            mixed[name] = random.chance(50) ? old[name] : new[name]
        }
    }

    private static func lines(_ count: Int, _ name: String, _ random: inout SeededGenerator) -> [String] {
        (0..<count).map { _ in random.chance(15) ? "}" : "\(name) \(random.below(60))" }
    }

    private static func change(_ file: inout File, _ random: inout SeededGenerator) {
        for _ in 0...random.below(3) {
            let at = random.below(file.lines.count + 1)
            switch random.below(3) {
            case 0: file.lines.insert("added \(random.below(100))", at: at)
            case 1 where at < file.lines.count: file.lines.remove(at: at)
            case 2 where at < file.lines.count: file.lines[at] = "changed \(random.below(100))"
            default: file.lacksNewline.toggle()
            }
        }
    }

    /// Writes a version of the tree into a folder of a scratch folder.
    static func write(_ files: [String: File], _ folder: String, _ scratch: Scratch) throws {
        _ = try scratch.folder(folder)
        for (name, file) in files {
            let path = try scratch.file(folder + "/" + name, file.content)
            try path.setMode(file.isExecutable ? 0o755 : 0o644)
        }
    }
}
