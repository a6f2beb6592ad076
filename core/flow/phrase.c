#include "flow/phrase.h"

#include <string.h>

#include "base/base.h"

static const struct {
    const char *english;
    const char *japanese;
} PHRASES[] = {
    /* whose a piece is */
    {"you", "受信者ご自身"},
    {"the reporter", "報告者"},
    {"another party", "他の関係者"},
    {"the desk", "当窓口"},
    /* contact_unusable() */
    {"no key", "鍵が登録されていません"},
    {"key expired", "鍵の有効期限が切れています"},
    {"key revoked", "鍵が失効しています"},
    /* embargo_state_words */
    {"none", "未定"},
    {"proposed", "提案中"},
    {"active", "合意済み"},
    {"revise", "変更の提案あり"},
    {"exited", "終了"},
};

const char *phrase_in(const char *language, const char *english)
{
    if (language == NULL || english == NULL || strncmp(language, "ja", 2) != 0)
        return english;
    for (size_t i = 0; i < LEN(PHRASES); i++) {
        if (strcmp(PHRASES[i].english, english) == 0)
            return PHRASES[i].japanese;
    }
    return english;
}
