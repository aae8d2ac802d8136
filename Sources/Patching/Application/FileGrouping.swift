import Concurrency
import Synchronization

/// Groups the files of patches while the patches are still being read: whoever has read one looks whether the next ones in
/// the order of the series are there, and takes them in.
final class FileGrouping: @unchecked Sendable {
    private struct State {
        var isRead: [Bool]
        /// The first patch that has not been taken in.
        var next = 0
        /// Whether somebody is taking patches in: nobody else touches `ties` meanwhile.
        var isBusy = false
    }

    private let files: ResultPlaces<[FilePatch]>
    private let state: Mutex<State>
    private var ties: FileTies

    /// Begins without any of so many patches.
    init(count: Int) {
        files = ResultPlaces(count: count)
        state = Mutex(State(isRead: Array(repeating: false, count: count)))
        ties = FileTies(patches: count)
    }

    /// Takes a patch in, now or when those before it are there. Called once for each, from several threads.
    func add(_ patch: ParsedPatch, at index: Int) {
        files[index] = patch.files
        state.withLock { $0.isRead[index] = true }
        while let ready = claim() {
            for index in ready { ties.add(files[index] ?? []) }
            state.withLock { $0.isBusy = false }
        }
    }

    /// The patches that can be taken in now, if nobody else does; `nil` for none.
    private func claim() -> Range<Int>? {
        state.withLock { state in
            guard !state.isBusy else { return nil }
            let start = state.next
            while state.next < state.isRead.count, state.isRead[state.next] { state.next += 1 }
            state.isBusy = state.next > start
            return state.isBusy ? start..<state.next : nil
        }
    }

    /// The groups, when all patches are there.
    func groups() -> FileGroups {
        precondition(state.withLock { $0.next == $0.isRead.count && !$0.isBusy })
        return FileGroups(ties)
    }
}
