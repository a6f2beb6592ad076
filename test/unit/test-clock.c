#include "test/testlib.h"

#include <unistd.h>

#include "base/clock.h"

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void follows_the_file(void **state)
{
    static const struct {
        const char *text;
        int64_t offset;
    } rows[] = {{"0\n", 0}, {"259200\n", 259200}, {"-60", -60}, {"", 0}, {"word", 0}};
    char path[] = "/tmp/test-clock-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    clock_use_file(path);
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t off;

        write_file(path, rows[i].text);
        off = clock_offset(); /* two readings of the clock may lie on either side of a second */
        assert_row(rows[i].text, off >= rows[i].offset - 1 && off <= rows[i].offset + 1);
    }
    unlink(path);
    assert_true(clock_offset() >= -1 && clock_offset() <= 1);
    clock_use_file(NULL);
}

static void monotonic_never_goes_back(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    usleep(2000);
    assert_true(clock_monotonic_ms() > before);
}

static void fixed_stands_still(void **state)
{
    (void)state;
    clock_fix(1700000000);
    assert_int_equal(clock_now(), 1700000000);
    assert_int_equal(clock_now(), 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_file),
        cmocka_unit_test(monotonic_never_goes_back),
        cmocka_unit_test(fixed_stands_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
