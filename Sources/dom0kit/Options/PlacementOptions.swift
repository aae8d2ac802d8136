import ArgumentParser
import Patching

/// How exact placement has to be.
struct PlacementOptions: ParsableArguments {
    /// Whose rules are asked for.
    enum Like: String, CaseIterable {
        case quilt, suse, dpkg, rpm, git, gnu, all
    }

    /// The consumers with their command lines.
    private static var consumers: String {
        Consumer.allCases.map { "\($0.rawValue) (\($0.policy.command ?? ""))" }.joined(separator: ", ")
    }

    @Option(
        help: ArgumentHelp(
            """
            Apply as this consumer does, by the rules of its own command line: \(consumers); 'verify' also takes all. \
            The default: no fuzz, and everything git can express.
            """, valueName: "name"),
        completion: .choices(Like.allCases), transform: choice)
    var like: Like?

    @Option(
        help: ArgumentHelp(
            "How many lines of context may be ignored, from 0 to 3 (default: the consumer's).", valueName: "lines"))
    var fuzz: Int?

    @Flag(help: "Accept only a clean fit: exit with 11 for an offset, fuzz or ignored text.")
    var strict = false

    @Flag(help: "Explain every failure and name everything that is left out, not only the first five.")
    var all = false

    func validate() throws {
        if let fuzz, !(0...3).contains(fuzz) { throw ValidationError("--fuzz takes a number from 0 to 3") }
    }

    /// The policies asked for: one, or with `--like all` every one that has a name.
    var policies: [PlacementPolicy] { like == .all ? PlacementPolicy.named : [policy] }

    /// The policy asked for.
    var policy: PlacementPolicy {
        var policy = like.flatMap { Consumer(rawValue: $0.rawValue)?.policy } ?? .standard
        if let fuzz { policy.fuzz = fuzz }
        return policy
    }
}
