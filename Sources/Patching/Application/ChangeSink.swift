/// Takes what a series changes in a tree as soon as it is known, so that new contents need not be held until the end.
///
/// Whether the series applies as a whole is not known yet: nothing of it may show in the tree before somebody says so.
public protocol ChangeSink: Sendable {
    /// Takes the change of a file: for each path once, from several threads at a time. No more changes come once a
    /// patch has failed.
    func take(_ change: FileChange)
}
