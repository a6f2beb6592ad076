/*
 * embargod-desk - the store, its keys and all decisions; outbox, timers, submission, control
 * socket.
 *
 * It has no gpgme, no libcrypto, and no MIME reader but mime/strict.
 */
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "flow/courier.h"
#include "flow/receive.h"
#include "flow/serve.h"
#include "flow/upgrade.h"
#include "milter/program.h"

enum { THREADS_MAX = 200, DRAIN_MS = 15 * 1000, REFRESH_MS = 1000, COURIERS_MAX = 16 };

struct threads {
    pthread_t at[THREADS_MAX];
    size_t n;
};

static void start_thread(struct threads *threads, void *(*run)(void *), void *arg)
{
    if (threads->n == THREADS_MAX || pthread_create(&threads->at[threads->n], NULL, run, arg) != 0)
        abort();
    threads->n++;
}

static size_t worker_count(const struct options *o)
{
    long n = o->worker_count > 0 ? o->worker_count : sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > COURIERS_MAX ? COURIERS_MAX : (size_t)n;
}

/* Waits for SIGTERM; meanwhile sees the directory change under admin verbs, and the supervisor go.
 */
static void wait_for_end(struct desk *desk)
{
    sigset_t set;
    struct timespec pause = {.tv_sec = REFRESH_MS / 1000};
    struct err err;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    while (sigtimedwait(&set, NULL, &pause) < 0) {
        if (!workers_alive(desk->workers) || desk_stopping(desk))
            return;
        if (!world_refresh(desk->worlds, desk->store, &err))
            log_error("the directory could not be read again: %s", err.text);
    }
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool open_sockets(const struct options *o, struct arena *a, struct desk *desk,
                         struct server servers[2], struct err *err)
{
    servers[0] = (struct server){.desk = desk};
    servers[1] = (struct server){.desk = desk, .control = true, .users = users_find(a, o)};
    return frame_listen(options_run_path(a, o, "sock/desk.sock"), 0600, &servers[0].sock, err) &&
           frame_listen(options_run_path(a, o, "sock/control.sock"), 0666, &servers[1].sock, err);
}

static bool serve(struct desk *desk, struct arena *a, struct err *err)
{
    struct server servers[2];
    struct threads threads = {.n = 0};
    size_t n = worker_count(desk->options);

    if (!open_sockets(desk->options, a, desk, servers, err))
        return false;
    start_thread(&threads, serve_run, &servers[0]);
    start_thread(&threads, serve_run, &servers[1]);
    for (size_t i = 0; i < n; i++) {
        start_thread(&threads, receive_run, desk);
        start_thread(&threads, courier_run, desk);
    }
    program_ready();
    wait_for_end(desk);
    desk_stop(desk);
    for (size_t i = 0; i < threads.n; i++)
        pthread_join(threads.at[i], NULL);
    serve_drain(DRAIN_MS);
    fd_close(servers[0].sock);
    fd_close(servers[1].sock);
    return true;
}

static bool run(const struct options *options, struct arena *a, struct err *err)
{
    struct store_paths paths = {.state = options->state_directory, .keys = options->key_directory};
    SCOPED(store_close) struct store *store = NULL;
    struct world_holder *worlds;
    struct workers *workers;
    static struct desk desk;
    bool good;

    if (!store_open(&paths, true, &store, err) || !upgrade_store(store, &paths, err) ||
        !world_start(options, store, &worlds, err))
        return false;
    workers = workers_new(PROGRAM_SOCKET);
    desk_start(&desk, options, store, worlds, workers);
    good = serve(&desk, a, err);
    workers_free(workers);
    world_stop(worlds);
    return good;
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *file = program_argument(argc, argv, "config");
    struct options *options;
    struct err err;

    program_start("embargod-desk");
    if (file == NULL) {
        err_set(&err, ERR_OPERATOR, "embargod starts this program, with --config FILE");
        return program_failed(&err);
    }
    block_signals();
    if (!options_read(a, file, &options, &err))
        return program_failed(&err);
    clock_use_file(options->clock_file);
    return run(options, a, &err) ? EX_OK : program_failed(&err);
}
