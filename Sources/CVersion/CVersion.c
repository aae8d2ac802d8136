#include "CVersion.h"

const char *dom0kit_commit(void) { return DOM0KIT_COMMIT; }

static int count;
static char **words;

/* The C library passes the arguments to functions that run before main(). */
__attribute__((constructor)) static void keep(int argc, char **argv) {
    count = argc;
    words = argv;
}

int dom0kit_argument_count(void) { return count; }

const char *dom0kit_argument(int index) { return index >= 0 && index < count ? words[index] : 0; }
