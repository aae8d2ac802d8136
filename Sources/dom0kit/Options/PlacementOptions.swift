import ArgumentParser
import Patching

/// How exact placement has to be.
struct PlacementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Apply as this consumer does: \(PlacementPolicy.named.map(\.name).joined(separator: ", ")).",
            valueName: "name"))
    var like: String?

    @Option(help: ArgumentHelp("The most lines of context that may be ignored, 0 to 3.", valueName: "lines"))
    var fuzz: Int?

    @Flag(help: "Nothing but a clean fit will do: an offset, fuzz or ignored text ends with code 11.")
    var strict = false

    func validate() throws {
        if let like, like != "all", !PlacementPolicy.named.contains(where: { $0.name == like }) {
            let names = PlacementPolicy.named.map(\.name).joined(separator: ", ")
            throw ValidationError("--like takes one of \(names), not '\(like)'")
        }
        if let fuzz, !(0...3).contains(fuzz) { throw ValidationError("--fuzz takes a number from 0 to 3") }
    }

    /// The policies asked for: one, or with `--like all` every one that has a name.
    var policies: [PlacementPolicy] { like == "all" ? PlacementPolicy.named : [policy] }

    /// The policy asked for.
    var policy: PlacementPolicy {
        var policy = PlacementPolicy.named.first { $0.name == like } ?? .standard
        if let fuzz { policy.fuzz = fuzz }
        return policy
    }
}
