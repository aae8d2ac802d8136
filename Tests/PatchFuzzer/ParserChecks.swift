import Patching

/// What holds for every input of the parser.
enum ParserChecks {
    static func check(_ bytes: [UInt8]) {
        for reading in PatchReading.allCases {
            for strip in 0...2 {
                let blob = Blob(bytes)
                do {
                    tile(try ParsedPatch.parse(blob, name: "x", strip: strip, reading: reading), bytes.count)
                } catch {
                    hold(error.line > 0 && error.line <= lines(bytes) + 1, "\(error.message): no such line")
                    hold(!error.message.isEmpty, "an error without words")
                }
            }
        }
        // The same with the line ends of mail.
        var returns: [UInt8] = []
        for byte in bytes { returns += byte == 10 ? [13, 10] : [byte] }
        if let parsed = try? ParsedPatch.parse(Blob(returns), name: "x") { tile(parsed, returns.count) }
    }

    private static func lines(_ bytes: [UInt8]) -> Int { bytes.count { $0 == 10 } + 1 }

    /// Every byte is in one region, and every part of a change in the blob it is a part of.
    private static func tile(_ parsed: ParsedPatch, _ count: Int) {
        var at = 0
        for region in parsed.regions {
            hold(region.bytes.lowerBound == at && region.bytes.upperBound > at, "a gap at \(at)")
            at = region.bytes.upperBound
        }
        hold(at == count, "the regions end at \(at) of \(count)")
        for file in parsed.files {
            for hunk in file.hunks {
                hold(hunk.body.upperBound <= file.source.count && !hunk.body.isEmpty, "a hunk outside of its source")
                hold(hunk.prefixContext >= 0 && hunk.suffixContext >= 0, "context that is negative")
            }
            for path in [file.oldPath, file.newPath, file.indexPath].compactMap({ $0 }) {
                hold(
                    path.components.allSatisfy { !$0.isEmpty && $0 != [46] && $0 != [46, 46] && !$0.contains(0) },
                    "a path that leaves the tree")
            }
        }
    }
}
