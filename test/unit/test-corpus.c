/* Every specimen of test/corpus is opened with the keys of test/keys, at one time; what comes out
 * is compared with test/corpus/expected. */
#include "open/open.h"

#include "base/text.h"
#include "flow/proven.h"
#include "mime/strict.h"
#include "model/damage.h"
#include "open/record.h"
#include "test/cryptolib.h"

#include <dirent.h>

#define CORPUS SOURCE_PATH("test/corpus")
#define KEYS SOURCE_PATH("test/keys")
#define NOW "2026-12-01T00:00:00Z"

enum { APPROVED = 4 };

static struct span approved[APPROVED];
static struct span ca;
static size_t n_signed; /* specimens that an approved key signed as a whole */
static struct buf all_unproven;

static struct span read_file(struct arena *a, const char *name)
{
    int fd = open(name, O_RDONLY);
    struct stat st = {0};
    char *at;

    if (fd < 0 || fstat(fd, &st) != 0)
        fail_msg("%s", name);
    at = arena_alloc(a, (size_t)st.st_size + 1);
    assert_int_equal(read(fd, at, (size_t)st.st_size), st.st_size);
    close(fd);
    return span_of(at, (size_t)st.st_size);
}

static int is_specimen(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".eml") == 0;
}

/* As embargod-verify and the desk do it: what an approved key signed, by the readers of both. The
 * last signature over the whole counts. NULL: there is none, or its text is proven. */
static const char *unproven(struct arena *a, const struct message *m, struct span opened)
{
    const struct signed_object *object = NULL;
    struct crypto_verified v = {.n_signatures = 0};
    struct crypto_ask ask = {.a = a,
                             .now = clock_now(),
                             .limits = &limits_default,
                             .keys = approved,
                             .n_keys = APPROVED,
                             .cas = &ca,
                             .n_cas = 1};
    struct strs shown = {.n = 0};
    struct span content;
    struct span signature;

    for (size_t i = 0; i < m->n_signed_objects; i++) {
        if (m->signed_objects[i].inside_encryption && m->signed_objects[i].covers_whole)
            object = &m->signed_objects[i];
    }
    if (m->trust != TRUST_VERIFIED || object == NULL)
        return NULL;
    content = span_first(span_from(opened, object->content.offset), object->content.n);
    signature = span_first(span_from(opened, object->signature.offset), object->signature.n);
    if (content.n > 0) {
        OK(crypto_verify(crypto, object->protocol, &ask, content, signature, &v, &err));
    } else {
        OK(crypto_verify(crypto, object->protocol, &ask, signature, span_of(NULL, 0), &v, &err));
        content = v.content;
    }
    strict_shown(a, content, &shown);
    n_signed++;
    return proven_problem(a, m, &shown);
}

/* One line: the record of `embargoctl open`. Also: the model comes back from its JSON. */
static void open_specimen(struct buf *out, const char *name)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(json_decref) json_t *record = NULL;
    struct open_request request = {.mail = read_file(a, arena_printf(a, "%s/%s", CORPUS, name)),
                                   .now = clock_now(),
                                   .keys = approved,
                                   .n_keys = APPROVED,
                                   .cas = &ca,
                                   .n_cas = 1};
    struct message m = {.subject = NULL};
    struct message back = {.subject = NULL};
    struct span opened;
    const char *problem;

    OK(open_message(a, crypto, &request, &m, &opened, &err));
    OK(json_decode(a, message_fields, json_encode(a, message_fields, &m), &back, &err));
    for (size_t i = 0; i < m.n_parts; i++)
        assert_row(name, m.parts[i].content.offset + m.parts[i].content.n <= opened.n);
    for (size_t i = 0; i < m.repairs.n; i++)
        assert_row(m.repairs.at[i], damage_words(m.repairs.at[i]) != NULL);
    problem = unproven(a, &m, opened);
    if (problem != NULL)
        buf_printf(&all_unproven, "%s: %s\n", name, problem);
    record = record_make(a, name, NULL, NULL, &m);
    buf_add_span(out, json_text(a, record));
    buf_add_char(out, '\n');
}

static struct span open_corpus(struct arena *a)
{
    struct buf out = buf_new(a, 4 * 1024 * 1024);
    struct dirent **entries;
    int n = scandir(CORPUS, &entries, is_specimen, alphasort);

    assert_true(n >= 40);
    n_signed = 0;
    all_unproven = buf_new(a, 64 * 1024);
    for (int i = 0; i < n; i++) {
        open_specimen(&out, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return buf_span(&out);
}

static void every_specimen_as_expected(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span want = read_file(a, CORPUS "/expected");
    struct span got = open_corpus(a);
    struct span want_line;
    struct span got_line;

    (void)state;
    while (span_line(&got, &got_line)) {
        if (!span_line(&want, &want_line))
            want_line = span_of("", 0);
        assert_string_equal(span_dup(a, got_line), span_dup(a, want_line));
    }
    assert_int_equal(want.n, 0);
}

/* What is as it was signed is seen to be so; but who signs Latin-1 without saying so is read by the
 * opener alone. */
static void signed_texts_are_proven(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    open_corpus(a);
    assert_true(n_signed > 70);
    assert_string_equal(
        all_unproven.at,
        "pgp-inline-latin.eml: its text is of a kind that is not verified (HTML, or an uncommon "
        "character set)\n");
}

/* Each kind of damage has a specimen, and a line in the manual. */
static void every_damage_is_shown(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span expected = read_file(a, CORPUS "/expected");
    struct span manual = read_file(a, SOURCE_PATH("doc/embargoctl.1"));

    (void)state;
    for (size_t i = 0; i < n_damages; i++) {
        const char *name = damages[i].name;
        struct span quoted = span_str(arena_printf(a, "\"%s\"", name));
        struct span item = span_str(arena_printf(a, "\n.It %s\n", name));

        assert_row(name, span_find_span(expected, quoted) < expected.n);
        assert_row(name, span_find_span(manual, item) < manual.n);
    }
    assert_null(damage_words("no-such-damage"));
}

static void read_approved(struct arena *a)
{
    static const char *const names[APPROVED] = {"desk.asc", "rhea.asc", "desk.pem", "rhea.pem"};

    for (size_t i = 0; i < APPROVED; i++)
        approved[i] = read_file(a, arena_printf(a, "%s/%s", KEYS, names[i]));
    ca = read_file(a, KEYS "/ca.pem");
}

static void open_with_keys(struct arena *a)
{
    struct crypto_config config = {.open_home = path(a, "open"),
                                   .open_key = path(a, "open-key.pem"),
                                   .open_cert = path(a, "open-cert.pem"),
                                   .seal_home = path(a, "seal"),
                                   .sign_key = path(a, "sign-key.pem"),
                                   .sign_cert = path(a, "sign-cert.pem"),
                                   .scratch = path(a, "work")};
    struct crypto_new_key key = {config.open_home, config.seal_home, "Desk", "desk@cert.example",
                                 read_file(a, KEYS "/desk.secret.asc")};
    instant now;

    assert_true(text_to_instant(span_str(NOW), &now));
    clock_fix(now);
    read_approved(a);
    OK(crypto_init_openpgp(&key, &err));
    OK(crypto_init_smime(&config, CRYPTO_DECRYPT, read_file(a, KEYS "/desk.key"),
                         read_file(a, KEYS "/desk.pem"), &err));
    OK(crypto_open(&config, &crypto, &err));
}

static struct arena *keys_arena;

static int start(void **state)
{
    (void)state;
    keys_arena = arena_new();
    make_dir();
    open_with_keys(keys_arena);
    return 0;
}

static int finish(void **state)
{
    arena_free(keys_arena);
    return remove_all(state);
}

static int write_expected(void)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text;
    FILE *f = fopen(CORPUS "/expected", "w");

    start(NULL);
    text = open_corpus(a);
    if (f == NULL || fwrite(text.at, 1, text.n, f) != text.n || fclose(f) != 0)
        return 1;
    return finish(NULL);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(every_specimen_as_expected),
                                              cmocka_unit_test(signed_texts_are_proven),
                                              cmocka_unit_test(every_damage_is_shown)};

    if (argc > 1 && strcmp(argv[1], "--write") == 0)
        return write_expected();
    return cmocka_run_group_tests(tests, start, finish);
}
