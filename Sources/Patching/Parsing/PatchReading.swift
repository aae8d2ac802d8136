/// Whose rules a patch file with something odd in it is read by.
public enum PatchReading: Sendable, Hashable, CaseIterable {
    /// GNU patch: where a header ends its lines with carriage returns, those of the hunks do not count; an indented patch
    /// is applied like any other, also one in a description; a lone `---` or `+++` line names a file.
    case gnu
    /// git apply: carriage returns count; indented patches are words; a hunk without a header is an error.
    case git
    /// Dom0Kit's own: as GNU patch, but an indented patch is not applied and gives a warning.
    case kit
}
