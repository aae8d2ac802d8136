// Exchanging two files, and whether a file system can do that: system calls that Swift's Glibc module leaves out.

#ifndef DOM0KIT_CRENAME_H
#define DOM0KIT_CRENAME_H

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// renameat2(2) with RENAME_NOREPLACE: the new name must not be there. 0, or -1 with errno.
static inline int dom0kit_rename_new(int from, const char *name, int to, const char *other) {
    return (int)syscall(SYS_renameat2, from, name, to, other, 1U);
}

/// renameat2(2) with RENAME_EXCHANGE: both names must be there. 0, or -1 with errno.
static inline int dom0kit_rename_exchange(int from, const char *name, int to, const char *other) {
    return (int)syscall(SYS_renameat2, from, name, to, other, 2U);
}

/// Whether an open folder is on a file system that can exchange names and whose inode numbers last (the magic numbers
/// of statfs(2)).
static inline bool dom0kit_can_exchange(int folder) {
    struct statfs status;
    if (fstatfs(folder, &status) != 0) {
        return false;
    }
    switch ((unsigned long)status.f_type & 0xFFFFFFFFUL) {
    case 0xEF53:     // ext4
    case 0x58465342: // XFS
    case 0x9123683E: // Btrfs
    case 0x01021994: // tmpfs
    case 0xF2F52010: // F2FS
        return true;
    default:
        return false;
    }
}

#endif
