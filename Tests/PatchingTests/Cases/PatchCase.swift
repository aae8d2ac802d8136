import Patching
import Testing

/// A tree, a patch, and how the engine compares with the real patch(1) on it.
struct PatchCase: Sendable, CustomTestStringConvertible {
    /// How they compare.
    enum Expectation: Sendable {
        /// Both apply it, with the same tree after it.
        case applied
        /// Neither applies it.
        case refused
        /// patch(1) applies it, the engine too, but with a warning about ignored text.
        case appliedWithWarning
        /// patch(1) ends with 0; the engine refuses it for this reason (a difference that is wanted).
        case stricter(String)
        /// Both apply it; the engine gives this tree, which is another than that of patch(1) (a difference that is wanted).
        case differs([String: String])
        /// patch(1) refuses it; the engine applies it, to this tree.
        case better([String: String])
    }

    var name: String
    var tree: [String: String] = ["f": "1\n2\n3\n4\n5\n6\n7\n8\n9\n"]
    var patch: String
    var strip = 1
    var policy: PlacementPolicy = .gnu
    var expect: Expectation = .applied

    /// All of them.
    static var all: [PatchCase] { createAndDelete + git + text + formats }

    var testDescription: String { name }

    /// The arguments for patch(1).
    var arguments: [String] {
        ["-p\(strip)", "-F\(policy.fuzz)"] + (policy.removesEmptyFiles ? ["-E"] : [])
            + (policy.acceptsContextDiffs ? [] : ["-u"])
    }
}
