/*
 * A toolstack for one boot test of dom0kit, where xl and xenstored of today cannot run: one static program on Xen's own
 * libxenguest and libxenctrl, no daemons. It makes a PV domain, keeps its console and answers its xenstore ring.
 *
 *   toolstack info           what Xen and this domain say of themselves, as `xl info` prints it
 *   toolstack list           all domains, as `xl list -v` prints them
 *   toolstack create NAME    makes a domain of /guest/kernel and /guest/pv.cpio, serves it until it ends
 *
 * What a guest shows is left in /run/guest: `started`, `console`, `data-KEY` for each value it writes below its data/dom0kit-,
 * `ended`; what is appended to `input` goes to its console.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xenguest.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>

#include "store.h"

/*
 * What Debian's archives, which are built for glibc with its checks, ask for and musl does not have: the checked forms of
 * functions, and the decompressor that the kernels of this test are not packed with.
 */
void __stack_chk_fail(void) { abort(); }
int __snprintf_chk(char *to, size_t most, int flag, size_t room, const char *format, ...)
{
	va_list list;
	int length;

	(void)flag;
	(void)room;
	va_start(list, format);
	length = vsnprintf(to, most, format, list);
	va_end(list);
	return length;
}
int __vsnprintf_chk(char *to, size_t most, int flag, size_t room, const char *format, va_list list)
{
	(void)flag;
	(void)room;
	return vsnprintf(to, most, format, list);
}
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list list)
{
	(void)flag;
	return vfprintf(file, format, list);
}
int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list list;
	int length;

	(void)flag;
	va_start(list, format);
	length = vfprintf(file, format, list);
	va_end(list);
	return length;
}
int __printf_chk(int flag, const char *format, ...)
{
	va_list list;
	int length;

	(void)flag;
	va_start(list, format);
	length = vprintf(format, list);
	va_end(list);
	return length;
}
int vasprintf(char **to, const char *format, va_list list);
int __vasprintf_chk(char **to, int flag, const char *format, va_list list)
{
	(void)flag;
	return vasprintf(to, format, list);
}
int __asprintf_chk(char **to, int flag, const char *format, ...)
{
	va_list list;
	int length;

	(void)flag;
	va_start(list, format);
	length = vasprintf(to, format, list);
	va_end(list);
	return length;
}
int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
	va_list list;
	int length;

	(void)flag;
	va_start(list, format);
	length = vsnprintf(to, room, format, list);
	va_end(list);
	return length;
}
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
	if (length > room)
		abort();
	return memcpy(to, from, length);
}
void *__memset_chk(void *to, int byte, size_t length, size_t room)
{
	if (length > room)
		abort();
	return memset(to, byte, length);
}
void *__memmove_chk(void *to, const void *from, size_t length, size_t room)
{
	if (length > room)
		abort();
	return memmove(to, from, length);
}
char *__strncpy_chk(char *to, const char *from, size_t length, size_t room)
{
	if (length > room)
		abort();
	return strncpy(to, from, length);
}
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open(path, flags); }
ssize_t __read_chk(int file, void *to, size_t length, size_t room)
{
	if (length > room)
		abort();
	return read(file, to, length);
}
/* glibc 2.38 and later: the forms that know C23's binary numbers. */
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }
size_t ZSTD_decompress(void *to, size_t room, const void *from, size_t length)
{
	(void)to;
	(void)room;
	(void)from;
	(void)length;
	return (size_t)-1;
}
unsigned ZSTD_isError(size_t code) { return code > (size_t)-120; }
const char *ZSTD_getErrorName(size_t code)
{
	(void)code;
	return "this toolstack does not unpack zstd";
}

static xc_interface *xen;

static void fail(const char *what)
{
	printf("%s failed: %s\n", what, strerror(errno));
	exit(1);
}

static void note(const char *path, const void *bytes, size_t length, int flags)
{
	int file = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (file < 0)
		fail(path);
	if (write(file, bytes, length) != (ssize_t)length)
		fail(path);
	close(file);
}

/* ---- info and list ---- */

static void info(void)
{
	struct utsname name;
	xen_extraversion_t extra;
	xc_physinfo_t machine = { 0 };
	struct gnttab_query_size grants = { .dom = DOMID_SELF };
	int version = xc_version(xen, XENVER_version, NULL);

	if (version < 0 || xc_version(xen, XENVER_extraversion, extra) < 0)
		fail("xen_version");
	if (xc_physinfo(xen, &machine) < 0)
		fail("physinfo");
	if (xc_gnttab_query_size(xen, &grants) < 0 || grants.status != GNTST_okay)
		fail("asking for the size of the grant table");
	if (uname(&name) < 0)
		fail("uname");
	printf("release : %s\nmachine : %s\nnr_cpus : %u\ncores_per_socket : %u\ntotal_memory : %" PRIu64
	       "\nfree_memory : %" PRIu64 "\nxen_version : %d.%d%s\ngrant_frames : %u of %u\n",
	       name.release, name.machine, machine.nr_cpus, machine.cores_per_socket,
	       (uint64_t)machine.total_pages >> 8, (uint64_t)machine.free_pages >> 8, version >> 16, version & 0xffff,
	       extra, grants.nr_frames, grants.max_nr_frames);
}

static void put_uuid(const xen_domain_handle_t handle, char text[40])
{
	char *at = text;

	for (int i = 0; i < 16; i++) {
		at += sprintf(at, "%02x", handle[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*at++ = '-';
	}
	*at = 0;
}

/* Whether a domain has ended, and the number of its reason (SHUTDOWN_* of xen/sched.h). */
static int has_ended(const xc_domaininfo_t *domain)
{
	return !!(domain->flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

static unsigned int reason_of(const xc_domaininfo_t *domain)
{
	return domain->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
}

static void list(void)
{
	xc_domaininfo_t domains[16];
	int count = xc_domain_getinfolist(xen, 0, 16, domains);

	if (count < 0)
		fail("the list of domains");
	printf("Name ID Mem VCPUs State Time(s) UUID Reason-Code\n");
	for (int i = 0; i < count; i++) {
		xc_domaininfo_t *domain = &domains[i];
		int is_shut = !!(domain->flags & XEN_DOMINF_shutdown);
		int crashed = is_shut && reason_of(domain) == SHUTDOWN_crash;
		char uuid[40], name[80], path[80], reason[16] = "-";
		FILE *file;

		put_uuid(domain->handle, uuid);
		snprintf(name, sizeof(name), domain->domain ? "domain-%u" : "Domain-0", domain->domain);
		snprintf(path, sizeof(path), "/run/guest/name-%u", domain->domain);
		file = fopen(path, "r");
		if (file) {
			if (!fgets(name, sizeof(name), file))
				strcpy(name, "?");
			fclose(file);
		}
		if (is_shut)
			snprintf(reason, sizeof(reason), "%x", reason_of(domain));
		printf("%s %u %lu %u %c%c%c%c%c%c %.1f %s %s\n", name, domain->domain,
		       (unsigned long)domain->tot_pages >> 8, domain->max_vcpu_id + 1,
		       domain->flags & XEN_DOMINF_running ? 'r' : '-', domain->flags & XEN_DOMINF_blocked ? 'b' : '-',
		       domain->flags & XEN_DOMINF_paused ? 'p' : '-', is_shut && !crashed ? 's' : '-', crashed ? 'c' : '-',
		       domain->flags & XEN_DOMINF_dying ? 'd' : '-', domain->cpu_time / 1e9, uuid, reason);
	}
}

/* ---- A guest ---- */

static const char guest_folder[] = "/run/guest/";
static char data_prefix[64];

static void written(const char *path, const char *value, size_t length)
{
	char file[128], part[128];

	if (strncmp(path, data_prefix, strlen(data_prefix)) || strchr(path + strlen(data_prefix), '/'))
		return;
	snprintf(part, sizeof(part), "%spart", guest_folder);
	snprintf(file, sizeof(file), "%sdata-%.40s", guest_folder, path + strlen(data_prefix));
	note(part, value, length, O_TRUNC);
	rename(part, file);
}

struct guest {
	uint32_t id;
	xenevtchn_handle *events;
	int store_port, console_port;
	struct store store;
	struct xencons_interface *console;
	struct text input;
	off_t input_read;
};

static void put_uuid_bytes(xen_domain_handle_t handle)
{
	int file = open("/dev/urandom", O_RDONLY);

	if (file < 0 || read(file, handle, sizeof(xen_domain_handle_t)) != sizeof(xen_domain_handle_t)) {
		unsigned int seed = time(NULL) ^ getpid();

		for (size_t i = 0; i < sizeof(xen_domain_handle_t); i++)
			handle[i] = rand_r(&seed) >> 8;
	}
	if (file >= 0)
		close(file);
}

static char *read_line(const char *path)
{
	struct text text = { 0 };

	if (!text_file(&text, path))
		fail(path);
	text_add(&text, "", 1);
	text.bytes[strcspn(text.bytes, "\r\n")] = 0;
	return text.bytes;
}

static void *map_page(uint32_t id, unsigned long frame, const char *what)
{
	xen_pfn_t frames[1] = { frame };
	static xenforeignmemory_handle *memory;
	void *page = NULL;

	if (!memory)
		memory = xenforeignmemory_open(NULL, 0);
	if (memory)
		page = xenforeignmemory_map(memory, id, PROT_READ | PROT_WRITE, 1, frames, NULL);
	if (!page)
		fail(what);
	return page;
}

static void fill_store(struct guest *guest, const char *name, const char *uuid, unsigned long memory)
{
	static char home[40];
	char path[120], value[80];
	struct store *store = &guest->store;

	snprintf(home, sizeof(home), "/local/domain/%u", guest->id);
	snprintf(data_prefix, sizeof(data_prefix), "%s/data/dom0kit-", home);
	store->home = home;
	store->written = written;
#define SET(key, ...) \
	do { \
		snprintf(path, sizeof(path), "%s/%s", home, key); \
		snprintf(value, sizeof(value), __VA_ARGS__); \
		store_set(store, path, value); \
	} while (0)
	SET("name", "%s", name);
	SET("domid", "%u", guest->id);
	SET("vm", "/vm/%s", uuid);
	SET("memory/target", "%lu", memory << 10);
	SET("control/shutdown", "%s", "");
	snprintf(path, sizeof(path), "%s/device", home);
	store_make(store, path);
	snprintf(path, sizeof(path), "%s/data", home);
	store_make(store, path);
	/* Kernels of the fork look up their own UUID here. */
	snprintf(path, sizeof(path), "/vm/%s/uuid", uuid);
	store_set(store, path, uuid);
}

/* What the guest printed to the file, what is asked of it to the guest. True where something moved. */
static int serve_console(struct guest *guest)
{
	struct xencons_interface *ring = guest->console;
	char bytes[sizeof(ring->out)];
	size_t length = 0;
	int moved = 0, file;

	store_barrier();
	while (ring->out_cons != ring->out_prod && length < sizeof(bytes)) {
		bytes[length++] = ring->out[MASK_XENCONS_IDX(ring->out_cons, ring->out)];
		store_barrier();
		ring->out_cons++;
		moved = 1;
	}
	if (length)
		note("/run/guest/console", bytes, length, O_APPEND);
	file = open("/run/guest/input", O_RDONLY);
	if (file >= 0) {
		ssize_t got = pread(file, bytes, sizeof(bytes), guest->input_read);

		if (got > 0) {
			guest->input_read += got;
			text_add(&guest->input, bytes, got);
		}
		close(file);
	}
	for (length = 0; length < guest->input.length && ring->in_prod - ring->in_cons < sizeof(ring->in); length++) {
		ring->in[MASK_XENCONS_IDX(ring->in_prod, ring->in)] = guest->input.bytes[length];
		store_barrier();
		ring->in_prod++;
		moved = 1;
	}
	if (length) {
		guest->input.length -= length;
		memmove(guest->input.bytes, guest->input.bytes + length, guest->input.length);
	}
	return moved;
}

static void serve(struct guest *guest)
{
	struct timespec moment = { 0, 10 * 1000 * 1000 };

	for (int turn = 0;; turn++) {
		xc_domaininfo_t state;
		int moved = 0;

		if (serve_console(guest)) {
			xenevtchn_notify(guest->events, guest->console_port);
			moved = 1;
		}
		if (store_serve(&guest->store)) {
			xenevtchn_notify(guest->events, guest->store_port);
			moved = 1;
		}
		if (!moved && turn % 8 == 0) {
			if (xc_domain_getinfolist(xen, guest->id, 1, &state) != 1 || state.domain != guest->id ||
			    has_ended(&state))
				break;
		}
		if (!moved)
			nanosleep(&moment, NULL);
	}
	serve_console(guest);
	note("/run/guest/ended", "\n", 1, 0);
	/* It is kept, so that the reason can be read. */
	for (;;)
		pause();
}

static void join(const char *one, const char *two, const char *whole)
{
	struct text text = { 0 };

	if (!text_file(&text, one) || !text_file(&text, two))
		fail("the guest's initramfs");
	note(whole, text.bytes, text.length, O_TRUNC);
	free(text.bytes);
}

static void create(const char *name)
{
	static struct guest guest;
	struct xen_domctl_createdomain settings = {
		.max_vcpus = 1, .max_evtchn_port = -1, .max_grant_frames = 64, .max_maptrack_frames = 1024,
#ifdef XEN_DOMCTL_GRANT_version
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
#endif
	};
	unsigned long memory = atol(read_line("/guest/pv.memory"));
	unsigned long store_frame = 0, console_frame = 0;
	int store_port, console_port;
	char uuid[40], path[64];

	join("/guest/base.cpio", "/guest/pv.cpio", "/guest/whole.cpio");
	put_uuid_bytes(settings.handle);
	put_uuid(settings.handle, uuid);
	if (xc_domain_create(xen, &guest.id, &settings))
		fail("making a domain");
	snprintf(path, sizeof(path), "/run/guest/name-%u", guest.id);
	note(path, name, strlen(name), O_TRUNC);
	if (xc_domain_max_vcpus(xen, guest.id, 1))
		fail("giving the guest a processor");
	if (xc_domain_setmaxmem(xen, guest.id, (memory + 2) << 10))
		fail("limiting the guest's memory");
	store_port = xc_evtchn_alloc_unbound(xen, guest.id, 0);
	console_port = xc_evtchn_alloc_unbound(xen, guest.id, 0);
	if (store_port < 0 || console_port < 0)
		fail("making the guest's event channels");
	if (xc_linux_build(xen, guest.id, memory, "/guest/kernel", "/guest/whole.cpio", read_line("/guest/pv.cmdline"), NULL, 0,
			   store_port, &store_frame, console_port, &console_frame))
		fail("building the guest from its kernel and initramfs");
	guest.events = xenevtchn_open(NULL, 0);
	if (!guest.events)
		fail("opening /dev/xen/evtchn");
	guest.store_port = xenevtchn_bind_interdomain(guest.events, guest.id, store_port);
	guest.console_port = xenevtchn_bind_interdomain(guest.events, guest.id, console_port);
	if (guest.store_port < 0 || guest.console_port < 0)
		fail("binding the guest's event channels");
	guest.store.ring = map_page(guest.id, store_frame, "mapping the guest's xenstore ring");
	guest.console = map_page(guest.id, console_frame, "mapping the guest's console ring");
	fill_store(&guest, name, uuid, memory);
	if (xc_domain_unpause(xen, guest.id))
		fail("starting the guest");
	printf("domain %u, %s, %lu MiB\n", guest.id, uuid, memory);
	fflush(stdout);
	note("/run/guest/started", "\n", 1, 0);
	serve(&guest);
}

int main(int count, char **words)
{
	xentoollog_logger_stdiostream *logger = xtl_createlogger_stdiostream(stdout, XTL_WARN, 0);

	setvbuf(stdout, NULL, _IOLBF, 0);
	xen = xc_interface_open((xentoollog_logger *)logger, NULL, 0);
	if (!xen)
		fail("opening /dev/xen/privcmd or /proc/xen/privcmd");
	if (count == 2 && !strcmp(words[1], "info"))
		info();
	else if (count == 2 && !strcmp(words[1], "list"))
		list();
	else if (count == 3 && !strcmp(words[1], "create"))
		create(words[2]);
	else
		return 64;
	return 0;
}
