/*
 * A very small xenstore: it keeps values, lists folders, fires watches and answers over one shared ring (xen/io/xs_wire.h of
 * Xen's public headers has the messages and the ring). It checks no permissions and isolates no transactions: whoever speaks
 * to it is the only one who does.
 */
#ifndef DOM0KIT_STORE_H
#define DOM0KIT_STORE_H

#include <errno.h>
#include "small.h"

enum {
	STORE_DIRECTORY = 1, STORE_READ, STORE_GET_PERMS, STORE_WATCH, STORE_UNWATCH, STORE_START, STORE_END,
	STORE_INTRODUCE, STORE_RELEASE, STORE_DOMAIN_PATH, STORE_WRITE, STORE_MKDIR, STORE_RM, STORE_SET_PERMS,
	STORE_EVENT, STORE_ERROR, STORE_IS_INTRODUCED, STORE_RESUME, STORE_SET_TARGET, STORE_RESET_WATCHES = 21,
};

struct store_header {
	uint32_t type, request, transaction, length;
};

/* struct xenstore_domain_interface */
struct store_ring {
	char request[1024], response[1024];
	volatile uint32_t request_read, request_written, response_read, response_written;
};

struct store_node {
	struct store_node *next;
	char *path;
	struct text value;
};

struct store_watch {
	struct store_watch *next;
	char *path, *token;
};

struct store {
	struct store_ring *ring;
	/* What relative paths begin with. */
	const char *home;
	struct store_node *nodes;
	struct store_watch *watches;
	/* The request that is being read, and what is still to be sent. */
	struct text in, out;
	/* Called for each value that is written, if there is something to call. */
	void (*written)(const char *path, const char *value, size_t length);
};

static inline void store_barrier(void) { __asm__ volatile("mfence" ::: "memory"); }

static inline struct store_node *store_find(struct store *store, const char *path)
{
	struct store_node *node = store->nodes;

	while (node && strcmp(node->path, path))
		node = node->next;
	return node;
}

static inline void store_reply(struct store *store, const struct store_header *to, uint32_t type, const void *bytes,
			       size_t length)
{
	struct store_header header = { type, to->request, to->transaction, length };

	text_add(&store->out, &header, sizeof(header));
	text_add(&store->out, bytes, length);
}

/* Whether a path is at or below another. */
static inline int store_below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return !strncmp(path, top, length) && (!path[length] || path[length] == '/' || !strcmp(top, "/"));
}

static inline char *store_absolute(struct store *store, const char *path)
{
	size_t room = strlen(path) + strlen(store->home) + 2;
	char *whole = malloc(room);

	if (!whole)
		abort();
	if (path[0] == '/' || path[0] == '@')
		strcpy(whole, path);
	else
		snprintf(whole, room, "%s/%s", store->home, path);
	return whole;
}

/* Tells a watch, in the words in which it was asked for: a relative one gets relative paths. */
static inline void store_tell(struct store *store, struct store_watch *watch, const char *path)
{
	struct store_header none = { 0, 0, 0, 0 };
	struct text body = { 0 };
	size_t home = strlen(store->home);
	int relative = watch->path[0] != '/' && watch->path[0] != '@';

	text_add(&body, relative && strlen(path) > home ? path + home + 1 : path,
		 strlen(relative && strlen(path) > home ? path + home + 1 : path) + 1);
	text_add(&body, watch->token, strlen(watch->token) + 1);
	store_reply(store, &none, STORE_EVENT, body.bytes, body.length);
	free(body.bytes);
}

static inline void store_changed(struct store *store, const char *path)
{
	for (struct store_watch *watch = store->watches; watch; watch = watch->next) {
		char *whole = store_absolute(store, watch->path);

		if (store_below(path, whole))
			store_tell(store, watch, path);
		free(whole);
	}
}

static inline struct store_node *store_make(struct store *store, const char *path)
{
	struct store_node *node = store_find(store, path);
	char *parent, *slash;

	if (node)
		return node;
	parent = strdup(path);
	slash = parent ? strrchr(parent, '/') : NULL;
	if (slash && slash != parent) {
		*slash = 0;
		store_make(store, parent);
	}
	free(parent);
	node = calloc(1, sizeof(*node));
	if (!node)
		abort();
	node->path = strdup(path);
	node->next = store->nodes;
	store->nodes = node;
	return node;
}

static inline void store_write(struct store *store, const char *path, const void *value, size_t length)
{
	struct store_node *node = store_make(store, path);

	node->value.length = 0;
	text_add(&node->value, value, length);
	if (store->written)
		store->written(path, node->value.bytes, length);
	store_changed(store, path);
}

static inline void store_set(struct store *store, const char *path, const char *value)
{
	store_write(store, path, value, strlen(value));
}

static inline void store_list(struct store *store, const char *path, struct text *names)
{
	size_t length = !strcmp(path, "/") ? 0 : strlen(path);

	for (struct store_node *node = store->nodes; node; node = node->next) {
		const char *rest = node->path + length;

		if (strncmp(node->path, path, length) || *rest != '/' || strchr(rest + 1, '/'))
			continue;
		text_add(names, rest + 1, strlen(rest + 1) + 1);
	}
}

/* Removes a node and what is below it; false where there is none. */
static inline int store_remove(struct store *store, const char *path)
{
	int found = 0;

	for (struct store_node **at = &store->nodes; *at;) {
		struct store_node *node = *at;

		if (!store_below(node->path, path)) {
			at = &node->next;
			continue;
		}
		found = 1;
		*at = node->next;
		free(node->path);
		free(node->value.bytes);
		free(node);
	}
	if (found)
		store_changed(store, path);
	return found;
}

static inline void store_unwatch(struct store *store, const char *path, const char *token)
{
	for (struct store_watch **at = &store->watches; *at;) {
		struct store_watch *watch = *at;

		if (path && (strcmp(watch->path, path) || strcmp(watch->token, token))) {
			at = &watch->next;
			continue;
		}
		*at = watch->next;
		free(watch->path);
		free(watch->token);
		free(watch);
	}
}

static inline void store_fail(struct store *store, const struct store_header *to, const char *error)
{
	store_reply(store, to, STORE_ERROR, error, strlen(error) + 1);
}

/* Answers a request. The body ends with a zero byte that is not part of it. */
static inline void store_answer(struct store *store, const struct store_header *header, const char *body)
{
	size_t first = strlen(body) + 1;
	const char *second = first <= header->length ? body + first : "";
	char *path = store_absolute(store, body);
	struct store_node *node = store_find(store, path);
	struct text names = { 0 };
	char home[40];

	switch (header->type) {
	case STORE_READ:
		if (node)
			store_reply(store, header, STORE_READ, node->value.bytes ? node->value.bytes : "",
				    node->value.length);
		else
			store_fail(store, header, "ENOENT");
		break;
	case STORE_DIRECTORY:
		store_list(store, path, &names);
		if (node || names.length)
			store_reply(store, header, STORE_DIRECTORY, names.bytes ? names.bytes : "", names.length);
		else
			store_fail(store, header, "ENOENT");
		free(names.bytes);
		break;
	case STORE_WRITE:
		store_write(store, path, second, first <= header->length ? header->length - first : 0);
		store_reply(store, header, header->type, "OK", 3);
		break;
	case STORE_MKDIR:
		store_make(store, path);
		store_reply(store, header, header->type, "OK", 3);
		store_changed(store, path);
		break;
	case STORE_RM:
		if (store_remove(store, path))
			store_reply(store, header, header->type, "OK", 3);
		else
			store_fail(store, header, "ENOENT");
		break;
	case STORE_GET_PERMS:
		store_reply(store, header, header->type, "n0", 3);
		break;
	case STORE_START:
		store_reply(store, header, header->type, "1", 2);
		break;
	case STORE_WATCH: {
		struct store_watch *watch = calloc(1, sizeof(*watch));

		if (!watch)
			abort();
		watch->path = strdup(body);
		watch->token = strdup(second);
		watch->next = store->watches;
		store->watches = watch;
		store_reply(store, header, header->type, "OK", 3);
		/* A new watch fires once. */
		store_tell(store, watch, path);
		break;
	}
	case STORE_UNWATCH:
		store_unwatch(store, body, second);
		store_reply(store, header, header->type, "OK", 3);
		break;
	case STORE_RESET_WATCHES:
		store_unwatch(store, NULL, NULL);
		store_reply(store, header, header->type, "OK", 3);
		break;
	case STORE_DOMAIN_PATH:
		snprintf(home, sizeof(home), "/local/domain/%s", body);
		store_reply(store, header, header->type, home, strlen(home) + 1);
		break;
	case STORE_END:
	case STORE_SET_PERMS:
	case STORE_INTRODUCE:
	case STORE_RELEASE:
	case STORE_RESUME:
	case STORE_SET_TARGET:
		store_reply(store, header, header->type, "OK", 3);
		break;
	case STORE_IS_INTRODUCED:
		store_reply(store, header, header->type, "T", 2);
		break;
	default:
		store_fail(store, header, "ENOSYS");
	}
	free(path);
}

/*
 * Takes what is on the ring, answers what is whole, and puts as much on the ring as fits. True where something moved, so that
 * the other side has to be told.
 */
static inline int store_serve(struct store *store)
{
	struct store_ring *ring = store->ring;
	struct store_header header;
	int moved = 0;
	size_t sent = 0;

	store_barrier();
	while (ring->request_read != ring->request_written) {
		text_add(&store->in, &ring->request[ring->request_read % sizeof(ring->request)], 1);
		store_barrier();
		ring->request_read++;
		moved = 1;
	}
	while (store->in.length >= sizeof(header)) {
		char *body;

		memcpy(&header, store->in.bytes, sizeof(header));
		if (header.length > 4096 || store->in.length < sizeof(header) + header.length)
			break;
		body = calloc(1, header.length + 2);
		if (!body)
			abort();
		memcpy(body, store->in.bytes + sizeof(header), header.length);
		store->in.length -= sizeof(header) + header.length;
		memmove(store->in.bytes, store->in.bytes + sizeof(header) + header.length, store->in.length);
		store_answer(store, &header, body);
		free(body);
	}
	while (sent < store->out.length && ring->response_written - ring->response_read < sizeof(ring->response)) {
		ring->response[ring->response_written % sizeof(ring->response)] = store->out.bytes[sent++];
		store_barrier();
		ring->response_written++;
		moved = 1;
	}
	if (sent) {
		store->out.length -= sent;
		memmove(store->out.bytes, store->out.bytes + sent, store->out.length);
	}
	return moved;
}

#endif
