/* The commit the program is built from, as Package.swift passes it on; empty where there is no git checkout. */
#ifndef DOM0KIT_CVERSION_H
#define DOM0KIT_CVERSION_H

#ifndef DOM0KIT_COMMIT
#define DOM0KIT_COMMIT ""
#endif

/* Of 40 digits, with a + where files differed from it. */
const char *dom0kit_commit(void);

/* The words of the command line, the program's own name first: from the process itself, since Swift reads them from /proc,
   which need not be there. */
int dom0kit_argument_count(void);
const char *dom0kit_argument(int index);

#endif
