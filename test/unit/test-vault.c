/*
 * test-vault.c - ring files and sealed records: what was changed, moved or torn is noticed.
 */
#include "test/testlib.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/vault.h"

static char dir[64];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static int setup(void **state)
{
    struct err err;
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/test-vault-XXXXXX");
    return mkdtemp(dir) && ring_create(dir, &err) ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const names[] = {"epoch.key", "ring", "index.key", "token.key", "mark.key"};
    (void)state;
    for (size_t i = 0; i < LEN(names); i++)
        unlink(path_of(names[i]));
    return rmdir(dir);
}

static struct ring *opened(void)
{
    struct err err;
    struct ring *ring = NULL;
    assert_true(ring_open(dir, &ring, &err));
    return ring;
}

/* XORs a byte of a file. */
static void damage(const char *name, off_t at)
{
    unsigned char byte;
    int fd = open(path_of(name), O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x40;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void test_ring_keeps(void **state)
{
    struct err err;
    unsigned char first[RING_KEY_BYTES];
    unsigned char again[RING_KEY_BYTES];
    (void)state;
    {
        SCOPED(ring_close) struct ring *ring = opened();
        assert_false(ring_has(ring, 1));
        assert_true(ring_extend(ring, 5, &err));
        assert_true(ring_key(ring, 5, first));
        assert_false(ring_has(ring, 6));
        assert_false(ring_has(ring, 0));
    }
    SCOPED(ring_close) struct ring *ring = opened();
    assert_true(ring_key(ring, 5, again));
    assert_memory_equal(first, again, sizeof(first));
    assert_false(ring_create(dir, &err));
}

static void test_ring_of_two(void **state)
{
    struct err err;
    unsigned char x[RING_KEY_BYTES];
    unsigned char y[RING_KEY_BYTES];
    (void)state;
    SCOPED(ring_close) struct ring *one = opened();
    SCOPED(ring_close) struct ring *two = opened();
    assert_true(ring_extend(one, 3, &err));
    assert_true(ring_extend(two, 7, &err));
    assert_true(ring_extend(one, 9, &err));
    for (uint64_t n = 1; n <= 9; n++) {
        assert_true(ring_key(one, n, x));
        assert_true(ring_key(two, n, y));
        assert_memory_equal(x, y, sizeof(x));
    }
}

static void test_ring_torn(void **state)
{
    struct err err;
    struct stat st;
    (void)state;
    {
        SCOPED(ring_close) struct ring *ring = opened();
        assert_true(ring_extend(ring, 2, &err));
    }
    assert_int_equal(stat(path_of("ring"), &st), 0);
    assert_int_equal(truncate(path_of("ring"), st.st_size - 7), 0);
    SCOPED(ring_close) struct ring *ring = opened();
    assert_true(ring_has(ring, 1));
    assert_false(ring_has(ring, 2));
    assert_true(ring_extend(ring, 4, &err));
    SCOPED(ring_close) struct ring *again = opened();
    assert_true(ring_has(again, 4));
}

static void test_ring_damage(void **state)
{
    struct err err;
    struct ring *none = NULL;
    (void)state;
    {
        SCOPED(ring_close) struct ring *ring = opened();
        assert_true(ring_extend(ring, 2, &err));
    }
    damage("ring", 16 + 80 + 40);
    assert_false(ring_open(dir, &none, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
    assert_non_null(strstr(err.text, "key 2"));
    damage("ring", 16 + 80 + 40);
    damage("epoch.key", 15);
    assert_false(ring_open(dir, &none, &err));
    damage("epoch.key", 15);
    assert_int_equal(chmod(path_of("index.key"), 0644), 0);
    assert_false(ring_open(dir, &none, &err));
    assert_non_null(strstr(err.text, "chmod"));
}

static void test_seal(void **state)
{
    struct err err;
    struct span sealed, plain;
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(ring_close) struct ring *ring = ring_open_memory();
    assert_true(ring_extend(ring, 2, &err));
    struct vault_label label = {"mails", span_str("k1")};
    assert_true(vault_seal(ring, a, label, 2, span_str("hello"), &sealed, &err));
    assert_int_equal(vault_key_number(sealed), 2);
    assert_true(vault_unseal(ring, a, label, sealed, &plain, &err));
    assert_true(span_eq_str(plain, "hello"));

    struct vault_label other_table = {"cases", span_str("k1")};
    struct vault_label other_key = {"mails", span_str("k2")};
    assert_false(vault_unseal(ring, a, other_table, sealed, &plain, &err));
    assert_non_null(strstr(err.text, "table cases: record 6b31"));
    assert_false(vault_unseal(ring, a, other_key, sealed, &plain, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
    for (size_t i = 0; i < sealed.n; i++) {
        unsigned char *changed = (unsigned char *)arena_strndup(a, sealed.at, sealed.n);
        changed[i] ^= 1;
        assert_false(vault_unseal(ring, a, label, span_of(changed, sealed.n), &plain, &err));
        assert_false(vault_unseal(ring, a, label, span_first(sealed, i), &plain, &err));
    }
    assert_false(vault_seal(ring, a, label, 3, span_str("x"), &sealed, &err));
}

static void test_hash(void **state)
{
    unsigned char x[VAULT_HASH_BYTES];
    unsigned char y[VAULT_HASH_BYTES];
    (void)state;
    SCOPED(ring_close) struct ring *ring = ring_open_memory();
    struct span one[] = {span_str("ab"), span_str("c")};
    struct span two[] = {span_str("a"), span_str("bc")};
    vault_hash(ring, RING_INDEX, one, 2, x, sizeof(x));
    vault_hash(ring, RING_INDEX, two, 2, y, sizeof(y));
    assert_memory_not_equal(x, y, sizeof(x));
    vault_hash(ring, RING_TOKEN, one, 2, y, sizeof(y));
    assert_memory_not_equal(x, y, sizeof(x));
    vault_hash(ring, RING_INDEX, one, 2, y, sizeof(y));
    assert_memory_equal(x, y, sizeof(x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ring_keeps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ring_of_two, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ring_torn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ring_damage, setup, teardown),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
