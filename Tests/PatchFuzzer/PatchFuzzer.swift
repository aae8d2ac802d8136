import Patching

/// libFuzzer on the patch engine: `PatchFuzzer parser|engine [libFuzzer's own arguments]`. Built by `make fuzz` only.
@main struct PatchFuzzer {
    static func main() {
        let words = CommandLine.arguments
        let isParser = words.count > 1 && words[1] == "parser"
        guard words.count > 1, isParser || words[1] == "engine" else {
            fatalError("the first word is 'parser' or 'engine'")
        }
        // The driver takes the arguments without that word.
        let arguments = CommandLine.unsafeArgv
        arguments[1] = arguments[0]
        var count = CommandLine.argc - 1
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments + 1
        _ = isParser ? runDriver(&count, &list, fuzzParser) : runDriver(&count, &list, fuzzEngine)
    }
}

/// libFuzzer's loop: calls `body` with input after input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private func fuzzParser(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ParserChecks.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private func fuzzEngine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    EngineChecks.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Ends the fuzzer with a finding.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { fatalError(what()) }
}
