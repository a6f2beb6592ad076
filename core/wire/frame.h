/*
 * frame.h - one message between two of our programs: JSON text and a few descriptors.
 *
 * Promises: structure travels as JSON of at most FRAME_BYTES_MAX, bytes as sealed memory
 * (memory.h). A frame that is too long, cut short or late is an error; what stands in it is the
 * reader's to check, as anything from outside. Blocking with a deadline, on a connected SOCK_STREAM
 * Unix socket.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/err.h"
#include "base/span.h"

enum {
    FRAME_BYTES_MAX = 4 * 1024 * 1024,
    FRAME_FDS_MAX = 4,
    FRAME_FOREVER = -1, /* no deadline */
};

struct frame {
    struct span json; /* in the arena */
    int fds[FRAME_FDS_MAX];
    size_t n_fds;
};

/* Sends copies of the descriptors; they stay the caller's. ERR_GONE: the other side closed. */
MUST_USE bool frame_send(int sock, struct span json, const int *fds, size_t n_fds, int timeout_ms,
                         struct err *err);

/* ERR_GONE: the other side closed (also in the middle); ERR_RETRY: the deadline passed. The
 * received descriptors are close-on-exec and the caller's: frame_close. */
MUST_USE bool frame_receive(struct arena *a, int sock, int timeout_ms, struct frame *ret_frame,
                            struct err *err);

void frame_close(struct frame *frame); /* closes what descriptors are left in it */

/* Takes descriptor i out of the frame (it is then the caller's), or -1 if there is none. */
int frame_take_fd(struct frame *frame, size_t i);

/* Listens on a Unix socket at path (an old one is replaced), mode as given. */
MUST_USE bool frame_listen(const char *path, unsigned mode, int *ret_sock, struct err *err);
MUST_USE bool frame_connect(const char *path, int *ret_sock,
                            struct err *err); /* ERR_GONE: nobody */

/* Two connected ends of a new socket. */
MUST_USE bool frame_pair(int *ret_ours, int *ret_theirs, struct err *err);

void fd_close(int fd); /* negative is fine; keeps errno */
SCOPED_DEFINE(int, fd_close)

#endif
