#include "CSyscalls.h"

#include <malloc.h>
#include <stdlib.h>

// Not in the header: <stdlib.h> would come with the feature macros of this module into others that have it without them.

void dom0kit_keep_heap(int size) {
    mallopt(M_MMAP_THRESHOLD, size);
    mallopt(M_TRIM_THRESHOLD, size);
}

void dom0kit_grow_heap(size_t size) {
    // A compiler would leave out a plain pair of calls.
    void *volatile memory = malloc(size);
    free(memory);
}
