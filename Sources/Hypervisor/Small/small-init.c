/*
 * The init of domain 0 and of a guest for one boot test of dom0kit, where the shell of dom0-init.sh cannot run: a static
 * program that needs nothing of a kernel but what 2.6.18 has. It reports in the same records over the same channels as
 * dom0-init.sh, and judges nothing: the host does. It reads from /dom0kit what that one reads, and starts
 * /dom0kit/toolstack for what needs Xen's libraries.
 *
 * In a guest (where there is no list of guests) it does what guest-init.sh does, as far as its console is concerned.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "store.h"

static char token[80], release[80];

/* The first line of a file, without its end; empty where it cannot be read. */
static void first_line(const char *path, char *line, int room)
{
	FILE *file = fopen(path, "r");

	line[0] = 0;
	if (file) {
		if (!fgets(line, room, file))
			line[0] = 0;
		fclose(file);
	}
	line[strcspn(line, "\r\n")] = 0;
}

static int exists(const char *path) { return access(path, F_OK) == 0; }

static void pause_for(double seconds)
{
	struct timespec time = { (time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) };

	nanosleep(&time, NULL);
}

static void end_machine(void)
{
	sync();
	pause_for(1);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Nodes for devices that have no fixed number: those of the miscellaneous ones that are Xen's. */
static void make_nodes(void)
{
	char line[80], name[64], path[80];
	unsigned int minor;
	FILE *file = fopen("/proc/misc", "r");

	mkdir("/dev/xen", 0755);
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u %63s", &minor, name) != 2)
			continue;
		if (!strncmp(name, "xen/", 4))
			snprintf(path, sizeof(path), "/dev/%s", name);
		else if (!strcmp(name, "evtchn"))
			/* Before 2.6.33 or so its name says nothing of Xen. */
			snprintf(path, sizeof(path), "/dev/xen/%s", name);
		else
			continue;
		if (!exists(path))
			mknod(path, S_IFCHR | 0600, makedev(10, minor));
	}
	if (file)
		fclose(file);
	/* The fork's gntdev has a number of its own. */
	first_line("/sys/class/xen/gntdev/dev", line, sizeof(line));
	unsigned int major;
	if (sscanf(line, "%u:%u", &major, &minor) == 2 && !exists("/dev/xen/gntdev"))
		mknod("/dev/xen/gntdev", S_IFCHR | 0600, makedev(major, minor));
}

/* The modules of Xen's drivers, in loading order; none where they are built in. What fails is missed where it is needed. */
static void load_modules(void)
{
	char name[128], path[160];
	FILE *list = fopen("/dom0kit/modules", "r");

	while (list && fgets(name, sizeof(name), list)) {
		struct text module = { 0 };

		name[strcspn(name, "\r\n")] = 0;
		snprintf(path, sizeof(path), "/modules/%s.ko", name);
		if (text_file(&module, path) && syscall(SYS_init_module, module.bytes, module.length, "") < 0)
			printf("dom0kit: the module %s: %s\n", name, strerror(errno));
		free(module.bytes);
	}
	if (list)
		fclose(list);
}

static void mount_all(void)
{
	struct utsname name;

	/* Kernels before 2.6.32 have no devtmpfs; the nodes in the archive are there then. */
	if (mount("dev", "/dev", "devtmpfs", 0, NULL) == 0)
		mkdir("/dev/xen", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("tmpfs", "/run", "tmpfs", 0, NULL);
	load_modules();
	if (!exists("/proc/xen/capabilities"))
		mount("xenfs", "/proc/xen", "xenfs", 0, NULL);
	make_nodes();
	if (uname(&name) == 0)
		snprintf(release, sizeof(release), "%s", name.release);
	first_line("/dom0kit/token", token, sizeof(token));
}

static const char *bus_path(void)
{
	return exists("/dev/xen/xenbus") ? "/dev/xen/xenbus" : "/proc/xen/xenbus";
}

/* One request to xenstore by way of the kernel; the answer's length, or -1. Events are passed over. */
static int bus(uint32_t type, const void *body, size_t length, char *answer, size_t room)
{
	static int file = -1;
	struct store_header header = { type, 7, 0, length };
	char message[2048];

	if (file < 0)
		file = open(bus_path(), O_RDWR);
	if (file < 0 || length + sizeof(header) > sizeof(message))
		return -1;
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), body, length);
	if (write(file, message, sizeof(header) + length) != (ssize_t)(sizeof(header) + length))
		return -1;
	for (;;) {
		size_t got = 0;

		while (got < sizeof(header)) {
			ssize_t n = read(file, (char *)&header + got, sizeof(header) - got);
			if (n <= 0)
				return -1;
			got += n;
		}
		if (header.length >= sizeof(message))
			return -1;
		for (got = 0; got < header.length;) {
			ssize_t n = read(file, message + got, header.length - got);
			if (n <= 0)
				return -1;
			got += n;
		}
		if (header.type == STORE_EVENT)
			continue;
		if (header.type != type || header.length >= room)
			return -1;
		memcpy(answer, message, header.length);
		answer[header.length] = 0;
		return header.length;
	}
}

static int bus_write(const char *key, const char *value)
{
	char body[1024], answer[64];
	size_t length = strlen(key) + 1;

	memcpy(body, key, length);
	memcpy(body + length, value, strlen(value));
	return bus(STORE_WRITE, body, length + strlen(value), answer, sizeof(answer)) < 0 ? -1 : 0;
}

static int bus_read(const char *key, char *value, size_t room) { return bus(STORE_READ, key, strlen(key) + 1, value, room); }

/* ---- A guest ---- */

static sigjmp_buf no_pv;

static void not_pv(int signal)
{
	(void)signal;
	siglongjmp(no_pv, 1);
}

/*
 * Whether this is a PV domain, by asking Xen itself: the forced emulation prefix is an invalid instruction everywhere else.
 */
static int is_pv(void)
{
	uint32_t a = 0x40000000, b = 0, c = 0, d = 0;

	signal(SIGILL, not_pv);
	if (sigsetjmp(no_pv, 1)) {
		signal(SIGILL, SIG_DFL);
		return 0;
	}
	__asm__ volatile("ud2; .ascii \"xen\"; cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	signal(SIGILL, SIG_DFL);
	return b == 0x566e6558 && c == 0x65584d4d && d == 0x4d4d566e;
}

/* An answer in xenstore: `HASH TEXT`, HASH being the SHA-256 of `TOKEN NUMBER TEXT`. */
static void store_answer_of_guest(const char *number, const char *text, char hex[65])
{
	char whole[512], key[64], value[512];

	snprintf(whole, sizeof(whole), "%s %s %s", token, number, text);
	sha256(whole, strlen(whole), hex);
	snprintf(key, sizeof(key), "data/dom0kit-%s", number);
	snprintf(value, sizeof(value), "%s %s", hex, text);
	bus_write(key, value);
}

static void guest(void)
{
	char type[16], uuid[64], facts[256], hex[65], line[512], taint[32];

	first_line("/sys/hypervisor/guest_type", type, sizeof(type));
	/* Kernels before 4.13 do not say. */
	if (!type[0])
		strcpy(type, is_pv() ? "PV" : "-");
	first_line("/sys/hypervisor/uuid", uuid, sizeof(uuid));
	snprintf(facts, sizeof(facts), "%s %s %s", type, uuid[0] ? uuid : "-", release);
	snprintf(line, sizeof(line), "%s init %s", token, facts);
	sha256(line, strlen(line), hex);
	printf("dom0kit-guest %s %s\n", hex, facts);
	fflush(stdout);
	store_answer_of_guest("init", facts, hex);
	while (fgets(line, sizeof(line), stdin)) {
		char number[32], word[32], answer[512];
		int rest = 0;

		line[strcspn(line, "\r\n")] = 0;
		if (sscanf(line, "%31s %31s %n", number, word, &rest) < 2)
			continue;
		if (!strcmp(word, "echo")) {
			snprintf(answer, sizeof(answer), "echo %s", line + rest);
			store_answer_of_guest(number, answer, hex);
		} else if (!strcmp(word, "off")) {
			first_line("/proc/sys/kernel/tainted", taint, sizeof(taint));
			snprintf(answer, sizeof(answer), "asked taint=%s", taint);
			store_answer_of_guest("off", answer, hex);
			reboot(RB_POWER_OFF);
		}
	}
	/* A console that ends is no reason to panic. */
	for (;;)
		pause();
}

/* ---- Domain 0: its report ---- */

static struct text out;
static int serial = -1, is_console, sequence;

static void say(const char *format, ...)
{
	char line[4096];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	text_put(&out, line);
}

static void begin(const char *kind, const char *name) { say("@%s %s %s\n", token, kind, name); }
static void end(void) { say("\n.%s\n", token); }

static void send_all(const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length) {
		ssize_t n = write(serial, at, length);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			at += n;
			length -= n;
		}
	}
}

static void add_base64(struct text *to, const unsigned char *bytes, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3) {
		uint32_t three = bytes[i] << 16;
		char four[4];

		if (i + 1 < length)
			three |= bytes[i + 1] << 8;
		if (i + 2 < length)
			three |= bytes[i + 2];
		for (int j = 0; j < 4; j++)
			four[j] = digits[three >> (18 - 6 * j) & 63];
		if (i + 1 >= length)
			four[2] = '=';
		if (i + 2 >= length)
			four[3] = '=';
		text_add(to, four, 4);
	}
}

/* Sends what was gathered, with its SHA-256. */
static void check(void)
{
	char hex[65], line[256];

	sha256(out.bytes, out.length, hex);
	if (!is_console) {
		send_all(out.bytes, out.length);
		snprintf(line, sizeof(line), "=%s %d %s\n", token, sequence, hex);
		send_all(line, strlen(line));
	} else {
		struct text whole = { 0 };

		snprintf(line, sizeof(line), "\n#%s %d %s ", token, sequence, hex);
		text_put(&whole, line);
		add_base64(&whole, (unsigned char *)out.bytes, out.length);
		text_put(&whole, "\n");
		for (int i = 0; i < 3; i++)
			send_all(whole.bytes, whole.length);
		free(whole.bytes);
	}
	sequence++;
	out.length = 0;
}

static void stage(const char *name)
{
	char line[256];

	if (is_console)
		return;
	snprintf(line, sizeof(line), "~%s %s\n", token, name);
	send_all(line, strlen(line));
}

/* `+path` and its lines, each after a blank; `-path` for what is not there. */
static void show(const char *path)
{
	char line[1024];
	FILE *file = fopen(path, "r");

	if (!file) {
		say("-%s\n", path);
		return;
	}
	say("+%s\n", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = 0;
		say(" %s\n", line);
	}
	fclose(file);
}

static void show_listed(const char *list)
{
	char line[1024];
	FILE *file = fopen(list, "r");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = 0;
		if (line[0])
			show(line);
	}
	if (file)
		fclose(file);
}

static void kernel_log(struct text *text)
{
	static char buffer[1 << 20];
	int length = klogctl(3, buffer, sizeof(buffer));

	if (length > 0)
		text_add(text, buffer, length);
}

static void finish(void)
{
	static const char *const marks[] = { "BUG:", "kernel BUG at", "Oops", "WARNING:", "Call Trace", "general protection" };
	char taint[32];
	struct text log = { 0 };

	first_line("/proc/sys/kernel/tainted", taint, sizeof(taint));
	begin("taint", "dom0");
	say("%s", taint);
	end();
	begin("problems", "dom0");
	kernel_log(&log);
	for (char *line = log.bytes ? strtok(log.bytes, "\n") : NULL; line; line = strtok(NULL, "\n")) {
		for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
			if (strstr(line, marks[i])) {
				say("%s\n", line);
				break;
			}
		}
	}
	end();
	begin("end", "dom0");
	end();
	check();
	tcdrain(serial);
	end_machine();
}

static void give_up(const char *name)
{
	begin("failed", name);
	end();
	finish();
}

/* A record of what a program printed and how it ended. */
static void report(const char *name, const char *text, int status)
{
	begin("output", name);
	say("%s\nstatus %d", text, status);
	end();
	if (status) {
		check();
		give_up(name);
	}
}

/* Runs the toolstack; its output goes to a file. With `wait` false it goes on in the background. */
static pid_t toolstack(const char *log, char *const words[])
{
	pid_t process = fork();

	if (process == 0) {
		int file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (file >= 0) {
			dup2(file, 1);
			dup2(file, 2);
		}
		execv(words[0], words);
		dprintf(2, "cannot run %s: %s\n", words[0], strerror(errno));
		_exit(127);
	}
	return process;
}

static int ended(pid_t process)
{
	int status = 0;

	waitpid(process, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run_toolstack(const char *name, char *const words[])
{
	struct text text = { 0 };
	int status = ended(toolstack("/run/output", words));

	text_file(&text, "/run/output");
	report(name, text.bytes ? text.bytes : "", status);
	free(text.bytes);
}

/* ---- Domain 0: xenstore, event channels ---- */

struct bind_unbound { unsigned int domain; };
struct bind_interdomain { unsigned int domain, port; };
struct notify { unsigned int port; };

#define EVTCHN_BIND_INTERDOMAIN _IOC(_IOC_NONE, 'E', 1, sizeof(struct bind_interdomain))
#define EVTCHN_BIND_UNBOUND _IOC(_IOC_NONE, 'E', 2, sizeof(struct bind_unbound))
#define EVTCHN_NOTIFY _IOC(_IOC_NONE, 'E', 4, sizeof(struct notify))

/* An event from this domain to itself; in `problem` what does not work. */
static int event_loop(char *problem, size_t room)
{
	int file = open("/dev/xen/evtchn", O_RDWR);
	struct bind_unbound unbound = { 0 };
	struct bind_interdomain pair = { 0, 0 };
	struct notify notify;
	uint32_t heard = 0;
	int far, near;

	if (file < 0) {
		snprintf(problem, room, "cannot open /dev/xen/evtchn: %s", strerror(errno));
		return -1;
	}
	far = ioctl(file, EVTCHN_BIND_UNBOUND, &unbound);
	pair.port = far;
	near = far < 0 ? -1 : ioctl(file, EVTCHN_BIND_INTERDOMAIN, &pair);
	notify.port = near;
	if (near < 0 || ioctl(file, EVTCHN_NOTIFY, &notify) < 0) {
		snprintf(problem, room, "no event channel to this domain itself: %s", strerror(errno));
		close(file);
		return -1;
	}
	/* A port that is just bound can have an event of its own first. */
	for (int i = 0; i < 3 && heard != (uint32_t)far; i++) {
		if (read(file, &heard, sizeof(heard)) != sizeof(heard))
			break;
		write(file, &heard, sizeof(heard));
	}
	close(file);
	if (heard == (uint32_t)far)
		return 0;
	snprintf(problem, room, "an event sent to port %d did not arrive", far);
	return -1;
}

/* Serves domain 0's own xenstore, as xenstored does: the ring's page and port are the kernel's. */
static void serve_store(void)
{
	static struct store store = { .home = "/local/domain/0" };
	struct bind_interdomain pair = { 0, 0 };
	struct notify notify;
	char line[32];
	int page = open("/proc/xen/xsd_kva", O_RDWR), events = open("/dev/xen/evtchn", O_RDWR), port;

	first_line("/proc/xen/xsd_port", line, sizeof(line));
	pair.port = atoi(line);
	if (page < 0 || events < 0 || !line[0])
		_exit(1);
	store.ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
	if (store.ring == MAP_FAILED)
		_exit(2);
	port = ioctl(events, EVTCHN_BIND_INTERDOMAIN, &pair);
	if (port < 0)
		_exit(3);
	store_set(&store, "/local/domain/0/name", "Domain-0");
	store_set(&store, "/local/domain/0/domid", "0");
	notify.port = port;
	/* The kernel takes the first event for the news that xenstore is there. */
	ioctl(events, EVTCHN_NOTIFY, &notify);
	for (;;) {
		uint32_t heard;

		while (store_serve(&store))
			ioctl(events, EVTCHN_NOTIFY, &notify);
		if (read(events, &heard, sizeof(heard)) == sizeof(heard))
			write(events, &heard, sizeof(heard));
	}
}

/* ---- Domain 0: a guest ---- */

static pid_t serving;

/* What the toolstack keeps for a guest: its console, what it wrote to xenstore. */
static int wait_for(const char *path, double seconds)
{
	for (double waited = 0; waited < seconds; waited += 0.05) {
		int status;

		if (exists(path))
			return 1;
		if (waitpid(serving, &status, WNOHANG) == serving)
			return exists(path);
		pause_for(0.05);
	}
	return exists(path);
}

static void ask(const char *line)
{
	int file = open("/run/guest/input", O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (file >= 0) {
		write(file, line, strlen(line));
		close(file);
	}
}

static void say_file(const char *path, size_t most)
{
	struct text text = { 0 };

	if (text_file(&text, path) && text.bytes)
		say("%s", "");
	if (text.bytes) {
		size_t skip = text.length > most ? text.length - most : 0;

		text_add(&out, text.bytes + skip, text.length - skip);
	}
	free(text.bytes);
}

/* Says so often that time is passing while a guest starts. */
static int wait_for_init(double seconds)
{
	for (double waited = 0; waited < seconds; waited += 1) {
		struct stat status;
		int ended_with;

		if (wait_for("/run/guest/data-init", 1))
			return 1;
		stage("guest-pv");
		if (waitpid(serving, &ended_with, WNOHANG) == serving || kill(serving, 0) < 0)
			return exists("/run/guest/data-init");
		if (stat("/run/guest/ended", &status) == 0)
			return exists("/run/guest/data-init");
	}
	return 0;
}

static void list_guest(const char *record)
{
	char *const words[] = { "/dom0kit/toolstack", "list", NULL };
	struct text text = { 0 };
	int status = ended(toolstack("/run/output", words));

	text_file(&text, "/run/output");
	begin("output", record);
	say("%s\nstatus %d", text.bytes ? text.bytes : "", status);
	end();
	free(text.bytes);
}

static void guest_checks(const char *probe)
{
	char checks[256], answer[600], line[200];

	first_line("/dom0kit/checks", checks, sizeof(checks));
	for (char *name = strtok(checks, " "); name; name = strtok(NULL, " ")) {
		snprintf(line, sizeof(line), "guest-pv/%s", name);
		stage(line);
		snprintf(line, sizeof(line), "pv/%s", name);
		begin("check", line);
		if (!strcmp(name, "console")) {
			snprintf(line, sizeof(line), "1 echo %s\n", probe);
			ask(line);
			wait_for("/run/guest/data-1", 90);
			first_line("/run/guest/data-1", answer, sizeof(answer));
			say("ask 1 echo %s\nanswer %s\n", probe, answer[0] ? answer : "-");
		} else {
			say("skip the small userland, which needs no program of today, does not make this check\n");
		}
		end();
		begin("log", "pv");
		say_file("/run/guest/console", 32000);
		end();
		check();
	}
}

static void pv_guest(const char *probe, int patience)
{
	char *const words[] = { "/dom0kit/toolstack", "create", "dom0kit-pv", NULL };
	char answer[600];

	stage("guest-pv");
	mkdir("/run/guest", 0700);
	serving = toolstack("/run/create", words);
	wait_for("/run/guest/started", 300);
	begin("output", "create-pv");
	say_file("/run/create", 8000);
	say("\nstatus %d", exists("/run/guest/started") ? 0 : 1);
	end();
	if (exists("/run/guest/started")) {
		wait_for_init(patience);
		/* The guest's word in xenstore comes a moment after that on its console, or before it. */
		pause_for(0.3);
		first_line("/run/guest/data-init", answer, sizeof(answer));
		begin("output", "value-pv");
		say("%s\nstatus 0", answer[0] ? answer : "-");
		end();
		list_guest("state-pv");
	}
	begin("console", "pv");
	say_file("/run/guest/console", 32000);
	end();
	check();
	if (!exists("/run/guest/data-init"))
		finish();
	guest_checks(probe);
	stage("guest-pv");
	begin("check", "pv/end");
	ask("0 off\n");
	wait_for("/run/guest/ended", 60);
	{
		char *const list[] = { "/dom0kit/toolstack", "list", NULL };
		struct text text = { 0 };

		ended(toolstack("/run/output", list));
		text_file(&text, "/run/output");
		for (char *line = text.bytes ? strtok(text.bytes, "\n") : NULL; line; line = strtok(NULL, "\n"))
			say("state %s\n", line);
		free(text.bytes);
	}
	first_line("/run/guest/data-off", answer, sizeof(answer));
	say("answer %s\n", answer[0] ? answer : "-");
	end();
	begin("log", "pv");
	say_file("/run/guest/console", 32000);
	end();
	check();
	kill(serving, SIGTERM);
}

/* ---- Domain 0 ---- */

/* The second serial port, raw; or the console. */
static void open_channel(void)
{
	struct termios mode;

	serial = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
	if (serial >= 0 && tcgetattr(serial, &mode) == 0) {
		cfmakeraw(&mode);
		mode.c_cflag |= CLOCAL;
		mode.c_cflag &= ~CRTSCTS;
		cfsetspeed(&mode, B115200);
		if (tcsetattr(serial, TCSANOW, &mode) == 0)
			return;
	}
	printf("dom0kit: the kernel does not drive the second serial port; results go to the console\n");
	fflush(stdout);
	serial = open("/dev/console", O_WRONLY);
	is_console = 1;
	if (serial >= 0)
		return;
	/* Neither: what can still be said goes to the kernel's log. */
	{
		char capabilities[80];
		int log = open("/dev/kmsg", O_WRONLY);

		first_line("/proc/xen/capabilities", capabilities, sizeof(capabilities));
		if (log >= 0)
			dprintf(log, "<2>!%s lost %s\n", token, capabilities);
	}
	end_machine();
}

static void control(void)
{
	static const char *const devices[] = { "privcmd", "evtchn", "gntdev", "xenbus" };
	char path[64], old[64], capabilities[80], problem[160];

	stage("control");
	begin("control", "dom0");
	show("/proc/xen/capabilities");
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		snprintf(path, sizeof(path), "/dev/xen/%s", devices[i]);
		snprintf(old, sizeof(old), "/proc/xen/%s", devices[i]);
		if (exists(path) || exists(old))
			say("+%s\n", devices[i]);
		else if (strcmp(devices[i], "gntdev"))
			/* The small toolstack does without gntdev, which 2.6.18 does not have. */
			say("-%s\n", devices[i]);
	}
	end();
	first_line("/proc/xen/capabilities", capabilities, sizeof(capabilities));
	if (!strstr(capabilities, "control_d"))
		give_up("control");
	check();
	problem[0] = 0;
	if (event_loop(problem, sizeof(problem)) < 0)
		report("event-channel", problem, 1);
	else
		report("event-channel", "an event of this domain to itself arrived", 0);
	check();
}

static void xenstore(const char *probe)
{
	char value[256], name[256], both[520];
	pid_t server;
	int status;

	stage("xenstore");
	server = fork();
	if (server == 0)
		serve_store();
	pause_for(0.5);
	if (waitpid(server, &status, WNOHANG) == server) {
		static const char *const steps[] = { "", "no ring or event channel of the kernel's to serve",
						     "the ring cannot be mapped", "its event channel cannot be bound" };
		int step = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

		report("xenstored", step < 4 ? steps[step] : "it ended", step ? step : 1);
	}
	report("xenstored", "the kit's own serves domain 0's ring", 0);
	report("xenstore-write", "", bus_write("/tool/dom0kit", probe) < 0 ? 1 : 0);
	if (bus_read("/tool/dom0kit", value, sizeof(value)) < 0 ||
	    bus_read("/local/domain/0/name", name, sizeof(name)) < 0)
		report("xenstore-read", "the kernel gives back nothing", 1);
	snprintf(both, sizeof(both), "%s\n%s", value, name);
	report("xenstore-read", both, 0);
	check();
}

static void dom0(void)
{
	static const char *const drivers[] = { "vbd", "vif" };
	char *const info[] = { "/dom0kit/toolstack", "info", NULL };
	char *const list[] = { "/dom0kit/toolstack", "list", NULL };
	char *const programs[] = { "/bin/busybox", "sh", "/dom0kit/programs.sh", NULL };
	char probe[80], guests[80], patience[32], path[80];

	open_channel();
	begin("hello", release);
	show("/proc/version");
	show("/proc/cmdline");
	end();
	begin("files", "dom0");
	show("/sys/hypervisor/type");
	show("/sys/hypervisor/guest_type");
	show("/sys/hypervisor/version/major");
	show("/sys/hypervisor/version/minor");
	show("/sys/hypervisor/version/extra");
	show_listed("/dom0kit/files");
	end();
	begin("log", "dom0");
	kernel_log(&out);
	end();
	check();

	control();
	first_line("/dom0kit/probe", probe, sizeof(probe));
	xenstore(probe);

	stage("toolstack");
	run_toolstack("xl-info", info);
	run_toolstack("xl-list", list);
	check();

	if (exists("/dom0kit/programs.sh")) {
		/* They are what is tried: where they fail that is the boot's failure. */
		stage("programs");
		run_toolstack("programs", programs);
		check();
	}

	stage("backends");
	begin("backends", "dom0");
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/%s", drivers[i]);
		say("%c%s\n", exists(path) ? '+' : '-', drivers[i]);
	}
	end();
	check();

	first_line("/dom0kit/guests", guests, sizeof(guests));
	first_line("/dom0kit/patience", patience, sizeof(patience));
	if (strstr(guests, "pv"))
		pv_guest(probe, atoi(patience));
	finish();
}

int main(void)
{
	int console;

	mount_all();
	/* The kernel opened the console before there was a /dev of its own. */
	console = open("/dev/console", O_RDWR);
	if (console >= 0)
		for (int i = 0; i < 3; i++)
			dup2(console, i);
	signal(SIGPIPE, SIG_IGN);
	if (exists("/dom0kit/guests"))
		dom0();
	else
		guest();
	return 0;
}
