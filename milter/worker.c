#include "milter/worker.h"

#include "milter/asking.h"
#include "milter/program.h"
#include "milter/wall.h"

/* Its own folder, its own GNUPGHOME, the key files of its kind; nothing else of ours. */
static struct wall wall_of(const struct worker_setup *setup)
{
    const struct crypto_config *config = &setup->config;
    const char *homes[] = {config->open_home, config->seal_home};
    const char *files[] = {config->open_key, config->open_cert, config->open_public,
                           config->sign_key, config->sign_cert, setup->clock_file};
    struct wall wall = {.one_message = setup->use != WORKER_SERVES, .writable = {config->scratch}};
    size_t n_writable = 1;
    size_t n_readable = 0;

    for (size_t i = 0; i < LEN(homes); i++) {
        if (homes[i] != NULL)
            wall.writable[n_writable++] = homes[i];
        wall.agent = wall.agent || homes[i] != NULL;
    }
    for (size_t i = 0; i < LEN(files); i++) {
        if (files[i] != NULL)
            wall.readable[n_readable++] = files[i];
    }
    return wall;
}

bool worker_setup(int argc, char **argv, enum worker_use use, struct worker_setup *ret_setup,
                  struct err *err)
{
    struct worker_setup setup = {
        .config = {.open_home = program_argument(argc, argv, "open-home"),
                   .open_key = program_argument(argc, argv, "open-key"),
                   .open_cert = program_argument(argc, argv, "open-cert"),
                   .open_public = program_argument(argc, argv, "open-public"),
                   .seal_home = program_argument(argc, argv, "seal-home"),
                   .sign_key = program_argument(argc, argv, "sign-key"),
                   .sign_cert = program_argument(argc, argv, "sign-cert"),
                   .scratch = program_argument(argc, argv, "scratch")},
        .clock_file = program_argument(argc, argv, "clock-file"),
        .use = use,
    };

    if (setup.config.scratch == NULL)
        return err_set(err, ERR_OPERATOR, "workers are started by embargod, not by hand");
    if (use == WORKER_ASKS_HOLDER)
        setup.config.unwrapper = holder_unwrapper();
    clock_use_file(setup.clock_file);
    *ret_setup = setup;
    return true;
}

bool worker_begin(const struct worker_setup *setup, struct err *err)
{
    struct wall wall = wall_of(setup);

    return wall_begin(&wall, err);
}

bool worker_go_on(const struct worker_setup *setup, struct crypto **ret_crypto, struct err *err)
{
    struct wall wall = wall_of(setup);
    bool files;

    return crypto_open(&setup->config, ret_crypto, err) && wall_end(&wall, &files, err);
}

bool worker_start(const struct worker_setup *setup, struct crypto **ret_crypto, struct err *err)
{
    struct wall wall = wall_of(setup);
    bool files;

    return crypto_open(&setup->config, ret_crypto, err) && crypto_hold(*ret_crypto, err) &&
           wall_close(&wall, &files, err);
}

bool worker_next(struct worker_job *job, const struct json_field *table, void *object)
{
    struct frame frame = {.n_fds = 0};
    int bytes;
    int keys;
    bool good;

    if (!wire_receive(job->a, PROGRAM_SOCKET, table, object, &frame, FRAME_FOREVER, &job->err))
        return false;
    bytes = frame_take_fd(&frame, 0);
    keys = frame_take_fd(&frame, 1);
    good = memory_map(bytes, WIRE_OPENED_MAX, &job->bytes, &job->err) &&
           memory_map(keys, WIRE_KEYS_MAX, &job->keys, &job->err);
    fd_close(bytes);
    fd_close(keys);
    frame_close(&frame);
    return good;
}

void worker_done(struct worker_job *job)
{
    memory_unmap(&job->bytes);
    memory_unmap(&job->keys);
}

bool worker_keys(struct worker_job *job, const struct wire_key *keys, size_t n,
                 struct span **ret_spans)
{
    struct span *spans = ARENA_ARRAY(job->a, n, struct span);

    for (size_t i = 0; i < n; i++) {
        if (!wire_slice(job->keys.bytes, keys[i].at, &spans[i]))
            return err_set(&job->err, ERR_OPERATOR, "a key lies outside the keys' bytes");
    }
    *ret_spans = spans;
    return true;
}

bool worker_answer(struct worker_job *job, const struct json_field *table, const void *answer,
                   struct span bytes)
{
    SCOPED(fd_close) int fd = -1;

    if (!memory_seal(bytes, &fd, &job->err))
        return false;
    return wire_send(PROGRAM_SOCKET, table, answer, &fd, 1, WORKER_ANSWER_MS, &job->err);
}
