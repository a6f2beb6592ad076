#include "planted.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, WAIT_SECONDS = 8, HOG_BYTES = 64 * 1024 * 1024 };

bool __real_open_message(struct arena *a, struct crypto *crypto, const struct open_request *request,
                         struct message *ret_message, struct span *ret_opened, struct err *err);
bool __wrap_open_message(struct arena *a, struct crypto *crypto, const struct open_request *request,
                         struct message *ret_message, struct span *ret_opened, struct err *err);

/* A kernel without Landlock, where a file no-landlock lies beside this program. */
__attribute__((constructor)) static void without_landlock(void)
{
    char path[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);
    scmp_filter_ctx filter;
    char *slash;

    if (n <= 0)
        return;
    path[n] = '\0';
    slash = strrchr(path, '/');
    snprintf(slash, 20, "/no-landlock");
    if (access(path, F_OK) != 0)
        return;
    filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) !=
            0 ||
        seccomp_load(filter) != 0)
        abort();
    seccomp_release(filter);
}

static size_t find(struct span mail, const char *text)
{
    const void *at = memmem(mail.at, mail.n, text, strlen(text));

    return at == NULL ? mail.n : (size_t)((const unsigned char *)at - mail.at);
}

const char *planted_aim(struct arena *a, struct span mail, const char *name)
{
    const char *mark = arena_printf(a, "aim %s ", name);
    struct span rest = span_from(mail, find(mail, mark));
    size_t n = 0;

    if (rest.n == 0)
        return "";
    rest = span_from(rest, strlen(mark));
    while (n < rest.n && rest.at[n] != '\r' && rest.at[n] != '\n')
        n++;
    return arena_strndup(a, (const char *)rest.at, n);
}

static void crash(void)
{
    raise(SIGSEGV);
}

static void loop(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}

/* Memory until there is none: as an arena, it then aborts. */
static void hog(void)
{
    for (;;) {
        char *more = malloc(HOG_BYTES);

        if (more == NULL)
            abort();
        for (size_t i = 0; i < HOG_BYTES; i += PATH_BYTES)
            *(volatile char *)(more + i) = 1;
    }
}

static bool says(struct span mail, const char *word)
{
    char mark[64];

    snprintf(mark, sizeof(mark), "planted:%s", word);
    return find(mail, mark) < mail.n;
}

/* All as it is, the signature too, but for what it says. */
static void retell(struct arena *a, struct span mail, struct message *message)
{
    message->text = planted_aim(a, mail, "text");
    for (size_t i = 0; i < message->n_parts; i++) {
        if (message->parts[i].text != NULL)
            message->parts[i].text = message->text;
    }
}

bool __wrap_open_message(struct arena *a, struct crypto *crypto, const struct open_request *request,
                         struct message *ret_message, struct span *ret_opened, struct err *err)
{
    struct span mail = request->mail;

    if (says(mail, "crash"))
        crash();
    if (says(mail, "loop"))
        loop();
    if (says(mail, "hog"))
        hog();
    if (says(mail, "wait"))
        sleep(WAIT_SECONDS);
    if (says(mail, "probe"))
        planted_probe(a, mail);
    if (!__real_open_message(a, crypto, request, ret_message, ret_opened, err))
        return false;
    if (says(mail, "lie"))
        planted_lie(a, mail, *ret_opened, ret_message);
    if (says(mail, "retell"))
        retell(a, mail, ret_message);
    return true;
}

void planted_lie(struct arena *a, struct span mail, struct span opened, struct message *message)
{
    struct seal *seal = ARENA_NEW(a, struct seal);
    struct signed_object *object = ARENA_NEW(a, struct signed_object);
    bool sign = planted_aim(a, mail, "signature")[0] != '\0';
    struct offered_key *key = ARENA_NEW(a, struct offered_key);

    *seal = (struct seal){.protocol = PROTOCOL_OPENPGP,
                          .kind = SEAL_SIGNED,
                          .status = SEAL_VALID,
                          .signer = planted_aim(a, mail, "signer"),
                          .covers_whole = true,
                          .path = ""};
    strs_add(a, &seal->addresses, planted_aim(a, mail, "from"));
    *object = (struct signed_object){.protocol = PROTOCOL_OPENPGP,
                                     .content = {.n = opened.n / 2},
                                     .signature = {.n = sign ? opened.n : 0},
                                     .inside_encryption = true,
                                     .covers_whole = true};
    *key = (struct offered_key){.fingerprint = "0000000000000000000000000000000000000BAD",
                                .protocol = PROTOCOL_OPENPGP};
    message->trust = TRUST_VERIFIED;
    message->from = planted_aim(a, mail, "from");
    message->seals = seal;
    message->n_seals = 1;
    message->signed_objects = object;
    message->n_signed_objects = 1;
    message->keys = key;
    message->n_keys = 1;
    message->encrypted = true;
    message->single_chain = true;
    message->headers_protected = true;
    message->text = arena_printf(a, "Embargod: %s %s\n%s\n\n", planted_aim(a, mail, "place"),
                                 planted_aim(a, mail, "code"), planted_aim(a, mail, "command"));
}
