// System calls that Swift's Glibc module leaves out: exchanging two files, opening below a folder, a file's birth time,
// pipes of one's own, memory for a thread's heap.

#ifndef DOM0KIT_CSYSTEM_H
#define DOM0KIT_CSYSTEM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
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

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: no part of the path may lead out of the folder or be a symbolic
/// link. A descriptor, or -1 with errno (ENOSYS or EPERM where the system does not have the call).
static inline int dom0kit_open_beneath(int folder, const char *path, int flags, unsigned int mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags;
    how.mode = (flags & O_CREAT) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/// pipe2(2) with O_CLOEXEC: a pipe that no program started meanwhile gets to hold. 0, or -1 with errno.
static inline int dom0kit_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

/// mallopt(3): pieces up to a size come from the heap, and what is given back stays there up to that size.
void dom0kit_keep_heap(int size);

/// Takes memory for the calling thread's heap and gives it back to the heap.
void dom0kit_grow_heap(size_t size);

/// When an open file or folder was made, in nanoseconds since 1970; 0 where the file system does not keep it.
static inline uint64_t dom0kit_birth(int file) {
    struct statx status;
    if (statx(file, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 || !(status.stx_mask & STATX_BTIME)) {
        return 0;
    }
    return (uint64_t)status.stx_btime.tv_sec * 1000000000U + status.stx_btime.tv_nsec;
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
