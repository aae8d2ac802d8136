import CSyscalls

/// The memory that threads take from the system for many small things.
///
/// The heap of every thread but the first grows by no more than what is asked for, rounded to a page, with a system call
/// each time that holds up the other threads' page faults (glibc, malloc/arena.c, `grow_heap`): thousands of them in a run
/// that takes half a second. What has been taken once and given back stays with the heap.
@usableFromInline
package enum ThreadHeap {
    /// How much a thread takes at once, in bytes: of address space, not of memory.
    private static let reserve = 24 << 20

    /// What larger pieces are no part of a heap: the most that glibc allows.
    private static let largest: Int32 = 32 << 20

    /// Makes what is taken at once come from the heap, and stay there. Called before there are threads.
    package static func keepReserves() { dom0kit_keep_heap(largest) }

    /// Takes a reserve for the calling thread, unless it has one.
    @usableFromInline static func fill() { dom0kit_grow_heap(reserve) }
}
