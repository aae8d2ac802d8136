/*
 * What the small userland's programs share: a static init and a toolstack for one boot test of dom0kit, for kernels on which
 * the programs of today do not run. Built with musl, whose static programs need nothing of a kernel but what it has had since
 * 2.6.
 */
#ifndef DOM0KIT_SMALL_H
#define DOM0KIT_SMALL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 (FIPS 180-4) of a whole message, as 64 hexadecimal digits. */
static inline uint32_t sha_turn(uint32_t x, int n) { return x >> n | x << (32 - n); }

static inline void sha256(const void *message, size_t length, char hex[65])
{
	static const uint32_t k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	const unsigned char *bytes = message;
	size_t blocks = (length + 9 + 63) / 64;

	for (size_t block = 0; block < blocks; block++) {
		uint32_t w[64], v[8];

		for (int i = 0; i < 16; i++) {
			w[i] = 0;
			for (int j = 0; j < 4; j++) {
				size_t at = block * 64 + i * 4 + j;
				unsigned char byte = at < length ? bytes[at] : at == length ? 0x80 : 0;

				if (block == blocks - 1 && i >= 14)
					byte = (uint64_t)length * 8 >> (56 - ((i - 14) * 4 + j) * 8);
				w[i] = w[i] << 8 | byte;
			}
		}
		for (int i = 16; i < 64; i++) {
			uint32_t a = sha_turn(w[i - 15], 7) ^ sha_turn(w[i - 15], 18) ^ w[i - 15] >> 3;
			uint32_t b = sha_turn(w[i - 2], 17) ^ sha_turn(w[i - 2], 19) ^ w[i - 2] >> 10;

			w[i] = w[i - 16] + a + w[i - 7] + b;
		}
		memcpy(v, h, sizeof(v));
		for (int i = 0; i < 64; i++) {
			uint32_t a = v[7] + (sha_turn(v[4], 6) ^ sha_turn(v[4], 11) ^ sha_turn(v[4], 25)) +
				     ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
			uint32_t b = (sha_turn(v[0], 2) ^ sha_turn(v[0], 13) ^ sha_turn(v[0], 22)) +
				     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

			memmove(v + 1, v, 7 * sizeof(*v));
			v[4] += a;
			v[0] = a + b;
		}
		for (int i = 0; i < 8; i++)
			h[i] += v[i];
	}
	for (int i = 0; i < 8; i++)
		sprintf(hex + i * 8, "%08x", h[i]);
}

/* Bytes that grow. */
struct text {
	char *bytes;
	size_t length, room;
};

static inline void text_add(struct text *text, const void *bytes, size_t length)
{
	if (text->length + length + 1 > text->room) {
		text->room = (text->length + length + 1) * 2;
		text->bytes = realloc(text->bytes, text->room);
		if (!text->bytes)
			abort();
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

static inline void text_put(struct text *text, const char *string) { text_add(text, string, strlen(string)); }

/* All of a file, as far as it can be read; false where it cannot be opened. */
static inline int text_file(struct text *text, const char *path)
{
	char part[4096];
	size_t got;
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		text_add(text, part, got);
	fclose(file);
	return 1;
}

#endif
