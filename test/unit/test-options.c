#include "flow/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static bool read_text(struct arena *a, const char *text, struct options **ret, struct err *err)
{
    char path[] = "/tmp/embargod-options-XXXXXX";
    int fd = mkstemp(path);
    bool good;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    good = options_read(a, path, ret, err);
    unlink(path);
    return good;
}

static void a_short_file_has_sane_defaults(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct options *o;
    struct err err;

    (void)state;
    assert_true(read_text(a, "addresses = {\"security@CERT.example\"}\n", &o, &err));
    assert_string_equal(o->addresses.all.at[0], "security@cert.example");
    assert_int_equal(o->send_delay, 600);
    assert_int_equal(o->own_hops, 1);
    assert_int_equal(o->addresses.form, ADDRESS_PLUS);
    assert_int_equal(o->message_size_limit, 52428800);
    assert_memory_equal(&o->limits, &limits_default, sizeof(o->limits));
}

static void mistakes_are_named_with_their_cure(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "addresses"},
        {"addresses = {\"security\"}\n", "no mail address"},
        {"addresses = {\"a@b.example\"}\naddress-form = dots\n", "plus, subdomain or none"},
        {"addresses = {\"a@b.example\"}\naddress-form = subdomain\n", "reply-domain"},
        {"addresses = {\"a@b.example\"}\nsubmit-port = 70000\n", "1 to 65535"},
        {"addresses = {\"a@b.example\"}\nown-hops = -1\n", "0 to 20"},
        {"addresses = {\"a@b.example\"}\nlimit-depth = 1000\n", "2 to 100"},
        {"addresses = {\"a@b.example\"}\nlimit-parts = 0\n", "10 to 5000"},
        {"addresses = {\"a@b.example\"}\nsession-limit = 5\n", "session-reserve"},
        {"addresses = {\"a@b.example\"}\nsend-delay = \"soon\"\n", "10m"},
        {"addresses = {\"a@b.example\"}\nterms-before-details = maybe\n", "yes or no"},
        {"addresses = {\"a@b.example\"}\nsend-dealy = 3s\n", "send-dealy"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct options *o;
        struct err err = {.kind = ERR_NONE};

        assert_false(read_text(a, rows[i].text, &o, &err));
        assert_int_equal(err.kind, ERR_OPERATOR);
        assert_non_null(strstr(err.text, rows[i].says));
    }
}

static void a_user_is_one_coordinator_or_says_which(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct options *o;
    struct err err;
    bool several;

    (void)state;
    assert_true(read_text(a,
                          "addresses = {\"a@b.example\"}\n"
                          "coordinator \"aiko\" { uid = {0, 1000} }\n"
                          "coordinator \"ben\" { uid = {0} }\n",
                          &o, &err));
    assert_string_equal(options_coordinator(o, 1000, NULL, &several), "aiko");
    assert_null(options_coordinator(o, 0, NULL, &several));
    assert_true(several);
    assert_string_equal(options_coordinator(o, 0, "ben", &several), "ben");
    assert_null(options_coordinator(o, 1000, "ben", &several));
    assert_null(options_coordinator(o, 5, NULL, &several));
    assert_false(several);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_file_has_sane_defaults),
        cmocka_unit_test(mistakes_are_named_with_their_cure),
        cmocka_unit_test(a_user_is_one_coordinator_or_says_which),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
