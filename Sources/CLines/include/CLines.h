// Finding line ends, 64 bytes at a time: the one thing of the patch engine's inner loops that Swift has no words for.

#ifndef DOM0KIT_CLINES_H
#define DOM0KIT_CLINES_H

#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Which of the 64 bytes at `bytes` are newlines: bit n for byte n.
static inline uint64_t dom0kit_newlines(const uint8_t *bytes) {
#if defined(__SSE2__)
    const __m128i newline = _mm_set1_epi8('\n');
    uint64_t mask = 0;
    for (int part = 0; part < 4; part++) {
        __m128i piece = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * part));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(piece, newline)) << (16 * part);
    }
    return mask;
#else
    uint64_t mask = 0;
    for (int index = 0; index < 64; index++) {
        mask |= (uint64_t)(bytes[index] == '\n') << index;
    }
    return mask;
#endif
}

#endif
