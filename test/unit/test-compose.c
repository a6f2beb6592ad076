#include "test/testlib.h"

#include "base/text.h"
#include "compose/batch.h"
#include "compose/compose.h"
#include "compose/missing.h"
#include "mime/strict.h"

enum { ACME = 1, GLOBEX = 2, INITECH = 3 };

static const struct term TERMS[] = {
    {"Acme", ACME, TERM_NAME, false},       {"acme.example", ACME, TERM_DOMAIN, false},
    {"Globex", GLOBEX, TERM_NAME, false},   {"globex.example", GLOBEX, TERM_DOMAIN, false},
    {"Initech", INITECH, TERM_NAME, false},
};

static bool find_name(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    static const uint32_t IDS[] = {ACME, GLOBEX, INITECH};
    static const char *const NAMES[] = {"acme", "globex", "initech"};

    (void)ctx;
    for (size_t i = 0; i < LEN(NAMES); i++) {
        if (span_eq_str(name, NAMES[i])) {
            *ret_ids = &IDS[i];
            *ret_n = 1;
            return true;
        }
    }
    return false;
}

/* A case with a report, and a letter to Jane of Acme. */
struct world {
    struct arena *a;
    struct fence_names names;
    struct compose_piece piece;
    struct compose_attachment file;
    struct span outside;
    struct span inside;
    struct compose_job job;
};

static struct guard_words *words_of(struct arena *a, const struct term *terms, size_t n)
{
    struct guard_word *words = ARENA_ARRAY(a, n, struct guard_word);

    for (size_t i = 0; i < n; i++)
        words[i] = (struct guard_word){terms[i].text, terms[i].owner, GUARD_TERM, terms[i].common};
    return guard_words_new(a, words, n);
}

static struct world *world_new(struct arena *a, const char *template)
{
    struct world *w = ARENA_NEW(a, struct world);
    struct compose_job *job = &w->job;
    struct err err = {0};

    w->a = a;
    w->names.find = find_name;
    if (!catalogue_load(a, SOURCE_PATH("templates"), NULL, &job->catalogue, &err))
        fail_msg("%s", err.text);
    job->terms = terms_new(a, TERMS, LEN(TERMS), NULL);
    job->guard.directory = words_of(a, TERMS, LEN(TERMS));
    job->fence_names = &w->names;
    job->template = template;
    job->reader = (struct compose_reader){
        .audience = TEMPLATE_VENDOR, .language = "en", .owner = ACME, .org = ACME};
    job->values = tvalue_object(a);
    tvalue_set_string(a, job->values, "desk_name", "Example CERT");
    tvalue_set_string(a, job->values, "desk_address", "security@cert.example");
    tvalue_set_string(a, job->values, "reader_name", "Jane Doe");
    tvalue_set_string(a, job->values, "reader_address", "jane@acme.example");
    tvalue_set_string(a, job->values, "reader_org", "Acme");
    tvalue_set_string(a, job->values, "case_id", "C42");
    tvalue_set_string(a, job->values, "case_title", "a parser");
    tvalue_set_string(a, job->values, "case_summary", "A parser reads past its end.\n");
    job->letter = (struct write_letter){.from = {"Example CERT", "security@cert.example"},
                                        .to = {"Jane Doe", "jane@acme.example"},
                                        .date = 1798088400,
                                        .message_id = "aaaa@cert.example",
                                        .outer_subject = "[cert 7kq2]"};
    w->piece = (struct compose_piece){.n = 1, .from = "the reporter", .at = "2026-01-01"};
    w->file =
        (struct compose_attachment){.n = "1.1", .filename = "globex-poc.txt", .type = "text/plain"};
    return w;
}

static void give_piece(struct world *w, const char *text)
{
    w->piece.text = span_str(text);
    w->job.pieces = &w->piece;
    w->job.n_pieces = 1;
}

static struct composed run(struct world *w)
{
    struct composed done;
    struct err err = {0};

    if (!compose(w->a, &w->job, &done, &err))
        fail_msg("%s", err.text);
    return done;
}

static const char *text_of(struct world *w, const struct composed *done)
{
    struct strict_mail mail;

    if (done->held != NULL)
        fail_msg("held: %s", done->held);
    assert_int_equal(strict_read_all(w->a, done->bytes, &mail), STRICT_OK);
    assert_true(mail.parts[0].is_text);
    return span_dup(w->a, mail.parts[0].bytes);
}

static void foreign_text_is_redacted(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    struct composed done;
    const char *text;

    (void)state;
    give_piece(w, "Acme and Glo\nbex and bob@globex.example,\nINITECH too.\n");
    done = run(w);
    text = text_of(w, &done);
    assert_false(done.clear);
    assert_non_null(strstr(text, "| Acme and "));
    assert_non_null(strstr(text, "[redacted]"));
    assert_null(strcasestr(text, "globex"));
    assert_null(strcasestr(text, "initech"));
    assert_non_null(strstr(text, "prepared for Jane Doe (jane@acme.example)"));
    assert_string_equal(done.letter.subject, "[C42] a parser");
}

static void an_agreed_date_has_a_calendar_part(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "embargo-agreed");
    struct strict_mail mail;
    struct composed done;

    (void)state;
    tvalue_set_string(a, w->job.values, "embargo_end", "2026-12-24 05:00 UTC");
    done = run(w);
    assert_int_equal(strict_read_all(a, done.bytes, &mail), STRICT_OK);
    assert_string_equal(mail.parts[1].filename, "embargo.ics");
    assert_non_null(
        strstr(span_dup(a, done.bytes), "text/calendar;\r\n charset=utf-8; method=PUBLISH\r\n"));
}

/* What the writer was told does not go on with its answer, unless a coordinator said so. */
static void quotes_stay_behind(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "reply-shared");
    const struct quotes none = {.n = 0};
    struct composed done;

    (void)state;
    give_piece(w, "> Does it reach the marmalade module?\nIt does.\n-----Original Message-----\n"
                  "From: CERT\nmarmalade\n");
    done = run(w);
    assert_null(strstr(text_of(w, &done), "marmalade"));
    assert_non_null(strstr(text_of(w, &done),
                           "| [quoted text left out]\n| It does.\n| [quoted text left out]\n"));
    w->piece.quotes = &none;
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "| > Does it reach the marmalade module?\n"));
    w->piece.quotes = NULL;
    w->piece.own = true;
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "marmalade"));
}

static void fences_decide_who_reads(void **state)
{
    static const struct {
        uint32_t org;
        bool reads;
    } ROWS[] = {{ACME, true}, {GLOBEX, false}, {0, false}};

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct world *w = world_new(a, "case-update");
        struct composed done;

        w->job.reader.owner = ROWS[i].org;
        w->job.reader.org = ROWS[i].org;
        if (ROWS[i].org != ACME) {
            tvalue_set_string(a, w->job.values, "reader_org", "");
            tvalue_set_string(a, w->job.values, "reader_address", "r@example.org");
            w->job.letter.to.address = "r@example.org";
        }
        if (ROWS[i].org == 0)
            w->job.reader.audience = TEMPLATE_REPORTER;
        give_piece(w, "for all\n[[only acme]]\nfor one\n[[end]]\nagain all\n");
        done = run(w);
        assert_true((strstr(text_of(w, &done), "for one") != NULL) == ROWS[i].reads);
        assert_non_null(strstr(text_of(w, &done), "| again all"));
    }
}

/* What redaction does not touch, the guard holds: a coordinator's own words, a title, a run. */
static void the_guard_holds(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "tell");
    struct composed done;

    (void)state;
    w->job.text = span_str("Please ask Globex.\n");
    w->job.text_by_desk = true;
    done = run(w);
    assert_non_null(done.held);
    assert_non_null(strstr(done.held, "Globex"));
    assert_int_equal(done.bytes.n, 0);

    w->job.reader.allowed = (const char *const[]){"Globex"};
    w->job.reader.n_allowed = 1;
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "Please ask Globex."));
    w->job.reader.n_allowed = 0;

    w->outside = span_str("one two three four five six seven eight nine ten eleven\n");
    w->job.guard.outside = &w->outside;
    w->job.guard.n_outside = 1;
    w->job.text = span_str("They say: two three four five six seven eight nine.\n");
    assert_non_null(run(w).held);
    w->inside = w->job.text;
    w->job.guard.inside = &w->inside;
    w->job.guard.n_inside = 1;
    done = run(w);
    assert_non_null(text_of(w, &done));

    tvalue_set_string(a, w->job.values, "case_title", "Initech's parser");
    assert_non_null(run(w).held);
}

/* Redaction broken on purpose: it knows no name at all. Twelve vendors, a text that names them all:
 * the guard, by its own means, holds every letter; with redaction as it is, every one may go. */
static void the_guard_holds_what_broken_redaction_lets_through(void **state)
{
    enum { VENDORS = 12 };
    static const char *const FORMS[] = {"%s said so", "all of %s", "ask\n%s",
                                        "http://www.%s.example/x"};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term terms[VENDORS];
    struct buf text = buf_new(a, 10000);

    (void)state;
    for (uint32_t i = 0; i < VENDORS; i++) {
        const char *name = arena_printf(a, "Vendra%c%c", 'a' + (int)i, 'q');
        const char *before = FORMS[i % LEN(FORMS)];
        const char *gap = strstr(before, "%s");

        terms[i] = (struct term){name, 100 + i, TERM_NAME, false};
        buf_printf(&text, "%.*s%s%s\n", (int)(gap - before), before, name, gap + 2);
    }
    for (uint32_t i = 0; i < VENDORS; i++) {
        struct world *w = world_new(a, "vendor-notice");

        w->job.reader.org = w->job.reader.owner = 100 + i;
        w->job.guard.directory = words_of(a, terms, VENDORS);
        give_piece(w, text.at);
        w->job.terms = terms_new(a, terms, VENDORS, NULL);
        assert_null(run(w).held);
        w->job.terms = terms_new(a, NULL, 0, NULL);
        assert_non_null(run(w).held);
        assert_int_equal(run(w).bytes.n, 0);
    }
}

/* Someone else's reply quotes our letter: our own words are still ours to send. */
static void our_own_words_may_be_repeated(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    struct composed done;

    (void)state;
    give_piece(w, "one two three four five six seven eight nine ten eleven twelve.\n");
    w->inside = w->piece.text;
    w->job.guard.inside = &w->inside;
    w->job.guard.n_inside = 1;
    done = run(w);
    w->outside = span_str(arena_printf(a, "> %s", text_of(w, &done)));
    w->job.guard.outside = &w->outside;
    w->job.guard.n_outside = 1;
    done = run(w);
    assert_non_null(text_of(w, &done));
    /* A piece that the selection should not have given is no word of ours. */
    w->job.guard.n_inside = 0;
    assert_non_null(run(w).held);
}

/* One after the other, letters of a batch are what each would be alone. */
static void a_batch_changes_no_letter(void **state)
{
    static const uint32_t READERS[] = {GLOBEX, ACME, 0, INITECH, ACME, GLOBEX};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "case-update");
    struct compose_batch *batch = compose_batch_new(a);
    const char *aside = "[[only acme]]\nfor Acme\n[[end]]";
    struct span others = span_str("one two three four five six seven eight nine ten eleven\n");

    (void)state;
    give_piece(
        w, arena_printf(
               a, "Acme, Globex and Initech:\n%s\nthe parser reads past the end %s\n", aside,
               "of its second buffer, as all of them do, which is what we saw when it was sent"));
    for (size_t i = 0; i < LEN(READERS); i++) {
        struct composed alone, together;

        w->job.reader.org = w->job.reader.owner = READERS[i];
        tvalue_set_string(a, w->job.values, "reader_org", "");
        tvalue_set_string(a, w->job.values, "reader_address", "r@example.org");
        w->job.letter.to.address = "r@example.org";
        w->job.guard.outside = READERS[i] == INITECH ? &w->piece.text : &others;
        w->job.guard.n_outside = 1;
        w->job.batch = NULL;
        alone = run(w);
        w->job.batch = batch;
        together = run(w);
        assert_true((alone.held == NULL) == (READERS[i] != INITECH));
        assert_true(alone.held == NULL ? together.held == NULL
                                       : strcmp(alone.held, together.held) == 0);
        assert_true(span_eq(alone.bytes, together.bytes));
    }
}

static void attachments_go_when_the_template_lets_them(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    struct composed done;
    struct strict_mail mail;

    (void)state;
    w->file.bytes = span_str("int main(void) {}\n");
    w->job.attachments = &w->file;
    w->job.n_attachments = 1;
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "Attached: 1.1 redacted-poc.txt"));
    assert_int_equal(strict_read_all(a, done.bytes, &mail), STRICT_OK);
    assert_int_equal(mail.n_parts, 2);
    assert_string_equal(mail.parts[1].filename, "redacted-poc.txt");
    assert_true(span_eq(mail.parts[1].bytes, w->file.bytes));

    w->file.bytes = span_str("written by Globex\n");
    assert_non_null(run(w).held);
    w->file.bytes = span_of("\xFF\xFEG\0l\0o\0b\0e\0x", 14);
    assert_non_null(run(w).held);
    w->file.bytes = span_of("\0G\0l\0o\0b\0e\0x", 12);
    assert_non_null(run(w).held);
    w->file.bytes = span_str("\x7f"
                             "ELF\xff");
    w->file.text = span_str("Globex inside");
    assert_non_null(run(w).held);
    w->file.text = span_str("");
    assert_null(run(w).held);

    w->job.template = "vendor-invite";
    done = run(w);
    assert_int_equal(strict_read_all(a, done.bytes, &mail), STRICT_OK);
    assert_int_equal(mail.n_parts, 1);
}

static void what_attachments_carry_is_guarded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    struct strs facts = {0};

    (void)state;
    w->file.bytes = span_str("PK\003\004\xff");
    w->file.facts = &facts;
    w->job.attachments = &w->file;
    w->job.n_attachments = 1;
    w->file.carried = span_str("word/document.xml\nacme is next\n");
    assert_null(run(w).held);
    w->file.carried = span_str("word/document.xml\nglobex is next\n");
    assert_non_null(strstr(run(w).held, "attachment 1.1: "));
    w->file.carried = span_str("");
    strs_add(a, &facts, "author: Gerd, Globex GmbH");
    assert_non_null(strstr(run(w).held, "attachment 1.1 (author): "));
}

static void a_clear_letter_tells_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "key-needed");
    struct compose_attachment key = {
        "1", "desk.asc", "application/pgp-keys", span_str("key"), {0}, {0}, NULL, false};
    struct composed done;
    struct strict_mail mail;

    (void)state;
    give_piece(w, "a secret");
    w->job.attachments = &w->file;
    w->job.n_attachments = 1;
    w->job.desk_keys = &key;
    w->job.n_desk_keys = 1;
    w->job.own_reference = "[acme #77]";
    done = run(w);
    assert_true(done.clear);
    assert_null(strstr(text_of(w, &done), "secret"));
    assert_int_equal(span_find_span(done.bytes, span_str("C42")), done.bytes.n);
    assert_int_equal(span_find_span(done.bytes, span_str("#77")), done.bytes.n);
    assert_int_equal(span_find_span(done.bytes, span_str("poc")), done.bytes.n);
    assert_int_equal(strict_read_all(a, done.bytes, &mail), STRICT_OK);
    assert_string_equal(mail.parts[1].filename, "desk.asc");
    assert_non_null(strstr(text_of(w, &done), "Our own keys are attached."));
}

static void a_coordinator_sees_all_behind_a_prefix(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "coordinator-copy");
    struct composed done;
    const char *text;

    (void)state;
    w->job.reader = (struct compose_reader){.audience = TEMPLATE_COORDINATOR, .language = "en"};
    tvalue_set_string(a, w->job.values, "message_id", "#812");
    tvalue_set_string(a, w->job.values, "code", "abcdabcdabcdabcd");
    w->job.text = span_str("[[internal]]\nGlobex\nEmbargod: C42 zzzz\n[[end]]\n"
                           "-----Original Message-----\na\u202Eb\rc\u2028! Emergency\n");
    done = run(w);
    text = text_of(w, &done);
    assert_non_null(strstr(
        text, "\n| > -----Original Message-----\n| > a⟨U+202E⟩b⟨U+000D⟩c⟨U+2028⟩! Emergency\n"));
    assert_non_null(strstr(text, "| [[internal]]\n| Globex\n| Embargod: C42 zzzz\n"));
    assert_non_null(strstr(text, "\nEmbargod: C42 abcdabcdabcdabcd\n"));
}

/* A reporter who sits at a vendor's domain still gets its letters. */
static void the_readers_own_address_is_known(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "tell");
    struct composed done;

    (void)state;
    w->job.reader = (struct compose_reader){.audience = TEMPLATE_REPORTER, .language = "en"};
    w->job.text = span_str("Thank you.\n");
    w->job.text_by_desk = true;
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "jane@acme.example"));
    w->job.text = span_str("Is acme.example yours?\n");
    assert_non_null(run(w).held);
}

static void what_cannot_be_filled_is_our_error(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-nothing");
    struct composed done;
    struct err err = {0};

    (void)state;
    assert_false(compose(a, &w->job, &done, &err));
    assert_non_null(strstr(err.text, "vendor-nothing"));
    w = world_new(a, "tell");
    assert_false(compose(a, &w->job, &done, &err));
    assert_non_null(strstr(err.text, "needs text"));
}

/* What the rows say a second time, whatever chose the pieces. */
static void a_piece_for_others_holds(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    const char *const other_parts[] = {"3.2", "3.1"};

    (void)state;
    give_piece(w, "Short.\n");
    w->piece.n = 3;
    w->job.guard.not_pieces = (const uint32_t[]){2, 3};
    w->job.guard.n_not_pieces = 1;
    assert_null(run(w).held);
    w->job.guard.n_not_pieces = 2;
    assert_string_equal(run(w).held, "piece 3 is not for this reader");

    w->job.guard.n_not_pieces = 0;
    w->file = (struct compose_attachment){
        .n = "3.1", .filename = "poc.txt", .type = "text/plain", .bytes = span_str("x\n")};
    w->job.attachments = &w->file;
    w->job.n_attachments = 1;
    w->job.guard.not_parts = other_parts;
    w->job.guard.n_not_parts = 1;
    assert_null(run(w).held);
    w->job.guard.n_not_parts = 2;
    assert_string_equal(run(w).held, "attachment 3.1 is not for this reader");
}

/* A mark and a code of another reader: cut where they are quoted, held where the desk writes them.
 */
static void ids_of_others_stay_out(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    struct composed done;

    (void)state;
    give_piece(w, "Your copy abcd-2345-efgh-ijkl has\nEmbargod: C42 a6liaqzqtmpm7734\n");
    done = run(w);
    assert_non_null(strstr(text_of(w, &done), "copy [redacted] has"));
    assert_null(strstr(text_of(w, &done), "a6li"));
    tvalue_set_string(a, w->job.values, "case_summary", "As in copy abcd-2345-efgh-ijkl.\n");
    assert_string_equal(run(w).held, "mark of another reader in text: abcd2345efghijkl");
    tvalue_set_string(a, w->job.values, "mark", "abcd-2345-efgh-ijkl");
    assert_null(run(w).held);
    tvalue_set_string(a, w->job.values, "case_summary", "[[only globex]]\n");
    assert_non_null(strstr(run(w).held, "a fence is left"));
}

/* Who else is in the case, and which ticket numbers it knows, changes nothing. */
static void members_do_not_show(void **state)
{
    static const struct term tickets[] = {{"GLX-4711", GLOBEX, TERM_REFERENCE, false},
                                          {"INI-4712", INITECH, TERM_REFERENCE, false}};
    const char *letters[LEN(tickets)];

    (void)state;
    for (size_t i = 0; i < LEN(tickets); i++) {
        struct arena *a = arena_new();
        struct world *w = world_new(a, "vendor-notice");
        struct composed done;

        w->job.case_terms = terms_new(a, &tickets[i], 1, NULL);
        w->job.guard.of_case = words_of(a, &tickets[i], 1);
        give_piece(w, "Globex, Initech and x@globex.example know of it.\n\nNobody else.\n");
        done = run(w);
        letters[i] = strdup(text_of(w, &done));
        arena_free(a);
    }
    assert_string_equal(letters[0], letters[1]);
    for (size_t i = 0; i < LEN(letters); i++)
        free((char *)(uintptr_t)letters[i]);
}

static void what_is_missing_has_its_line_and_reason(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct world *w = world_new(a, "vendor-notice");
    static const enum missing_why WHY[] = {MISSING_NOTHING, MISSING_QUOTE, MISSING_NOTHING,
                                           MISSING_FENCE,   MISSING_FENCE, MISSING_FENCE,
                                           MISSING_NOTHING, MISSING_QUOTE};
    struct missing m;

    (void)state;
    give_piece(w, "Ours.\n> Globex said so\nGlobex and\n[[only globex]]\nInitech\n[[end]]\n"
                  "Initech, Globex.\n> the last\n");
    m = missing_in(a, &w->job, &w->piece);
    assert_int_equal(m.n_lines, LEN(WHY));
    for (size_t i = 0; i < m.n_lines; i++)
        assert_int_equal(m.lines[i].why, WHY[i]);
    assert_int_equal(m.n_left_out, 5);
    assert_int_equal(m.n_cuts, 3);
    assert_int_equal(m.lines[2].n_cuts, 1);
    assert_int_equal(m.lines[6].n_cuts, 2);
    assert_int_equal(m.lines[6].cuts[1].row->owner, GLOBEX);
    w->piece.own = true;
    m = missing_in(a, &w->job, &w->piece);
    assert_int_equal(m.n_left_out + m.n_cuts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_for_others_holds),
        cmocka_unit_test(ids_of_others_stay_out),
        cmocka_unit_test(members_do_not_show),
        cmocka_unit_test(what_is_missing_has_its_line_and_reason),
        cmocka_unit_test(foreign_text_is_redacted),
        cmocka_unit_test(an_agreed_date_has_a_calendar_part),
        cmocka_unit_test(quotes_stay_behind),
        cmocka_unit_test(fences_decide_who_reads),
        cmocka_unit_test(the_guard_holds),
        cmocka_unit_test(the_guard_holds_what_broken_redaction_lets_through),
        cmocka_unit_test(our_own_words_may_be_repeated),
        cmocka_unit_test(a_batch_changes_no_letter),
        cmocka_unit_test(attachments_go_when_the_template_lets_them),
        cmocka_unit_test(what_attachments_carry_is_guarded),
        cmocka_unit_test(a_clear_letter_tells_nothing),
        cmocka_unit_test(a_coordinator_sees_all_behind_a_prefix),
        cmocka_unit_test(the_readers_own_address_is_known),
        cmocka_unit_test(what_cannot_be_filled_is_our_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
