#include "test/testlib.h"

#include "flow/sentences.h"

/* Lines as decisions write them; a sentence that changes there must be changed here too. */
static const struct {
    const char *english;
    const char *japanese;
} lines[] = {
    {"signed by acme", "署名者: acme"},
    {"signed by coordinator aiko, but the signature is old",
     "署名者: 担当者 aiko。ただし the signature is old"},
    {"signed by the reporter's key", "署名者: 報告者の鍵"},
    {"S1: vendor-notice to 2, goes out at 2027-01-01T00:10:00Z; until then \"Stop: S1\" takes it "
     "back",
     "S1: vendor-notice (2 件) を 2027-01-01T00:10:00Z に送信します。それまでは \"Stop: S1\" "
     "で取り消せます"},
    {"globex gets it with S1 already; Stop: S1 first, to pass on its quotes",
     "globex には S1 で送信予定です。引用も渡すには、先に Stop: S1"},
    {"3.2 still carries software: Tool 1", "3.2 の除去版に残る情報: software: Tool 1"},
    {"\"Release: 3.2 acme cleaned\" sends a copy without it, but still with software: Tool 1",
     "\"Release: 3.2 acme cleaned\" でそれを除去した版を送れます (ただし残る情報: software: Tool "
     "1)"},
    {"3.2 can't go cleaned: exiftool can't read it",
     "3.2 は除去版を送れません: exiftool で読めません"},
    {"name in text: Acme; name in header Subject: Globex",
     "他者の名称 (text): Acme; 他者の名称 (header Subject): Globex"},
    {"changed since it was confirmed: the summary, its address",
     "確認後に変更がありました: the summary, its address"},
    {"changed since it was confirmed: its reader's key", "確認後に変更がありました: 受信者の鍵"},
    {"Send-Anyway: L97 <reason>, by two coordinators", "Send-Anyway: L97 (理由)、担当者 2 人で"},
    {"line 3: Sned: no such command; did you mean Send?",
     "3 行目: Sned: そのコマンドはありません。Send ですか?"},
    {"the summary, its line 2, names \"Acme\": \"by Acme\"; take it out, or say Allow-Term: Acme",
     "概要の 2 行目に「Acme」があります (「by Acme」)。削除するか、Allow-Term: Acme "
     "と書いてください"},
    {"its form: no public credit (no)", "様式: 謝辞に掲載しません (いいえ)"},
    {"active: has no contact, gets nothing", "active: 連絡先がないため送りません"},
    {"nothing that the table knows", "nothing that the table knows"},
    {"", ""},
};

static void lines_in_japanese(void **unused)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)unused;
    for (size_t i = 0; i < LEN(lines); i++) {
        assert_string_equal(sentence_in(a, "ja", lines[i].english), lines[i].japanese);
        assert_string_equal(sentence_in(a, "en", lines[i].english), lines[i].english);
    }
    assert_null(sentence_in(a, "ja", NULL));
    assert_string_equal(word_in(a, "ja", "trust", "verified"), "検証済み");
    assert_string_equal(word_in(a, "ja", "trust", "new"), "new");
    assert_string_equal(word_in(a, NULL, "trust", "verified"), "verified");
}

static void texts_of_others_stay(void **unused)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)unused;
    assert_string_equal(
        sentences_in(a, "ja", "To: acme <p@acme.example>\n\n| To: you\n| signed by x\n"),
        "宛先: acme <p@acme.example>\n\n| To: you\n| signed by x\n");
}

/* Many separators, as somebody outside could put them into a name: still at once. */
static void hostile_lines_take_no_time(void **unused)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    char text[900];

    (void)unused;
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, i % 4 == 0 ? ": " : "; ", 3);
    assert_non_null(sentence_in(a, "ja", text));
    memset(text, '*', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_string_equal(sentence_in(a, "ja", text), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_in_japanese),
        cmocka_unit_test(texts_of_others_stay),
        cmocka_unit_test(hostile_lines_take_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
