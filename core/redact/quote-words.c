#include "redact/quote-words.h"

#include "base/ascii.h"

enum {
    RULE_LEAST = 3, /* dashes on both sides of words */
    HEAD_BYTES = 24,
    NAME_BYTES = 60, /* of a line that names a writer and nothing else */
};

static bool has_any(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_has_nocase(s, words[i]))
            return true;
    }
    return false;
}

static bool starts_any(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_starts_nocase(s, words[i]))
            return true;
    }
    return false;
}

static bool is_one_of(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq_nocase(s, words[i]))
            return true;
    }
    return false;
}

bool quote_has_time(struct span s)
{
    for (size_t i = 0; i + 3 < s.n; i++) {
        if (ascii_is_digit(s.at[i]) && s.at[i + 1] == ':' && ascii_is_digit(s.at[i + 2]) &&
            ascii_is_digit(s.at[i + 3]))
            return true;
    }
    return false;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* Beyond ASCII a first letter of either case is left out. */
static const char *const rule_words[] = {"original message",
                                         "original appointment",
                                         "forwarded message",
                                         "forwarded by",
                                         "ursprüngliche nachricht",
                                         "original-nachricht",
                                         "originalnachricht",
                                         "weitergeleitete nachricht",
                                         "weitergeleitet von",
                                         "message d'origine",
                                         "message d’origine",
                                         "message original",
                                         "message transféré",
                                         "transféré par",
                                         "mensaje original",
                                         "mensaje reenviado",
                                         "mensagem original",
                                         "mensagem encaminhada",
                                         "messaggio originale",
                                         "messaggio inoltrato",
                                         "oorspronkelijk bericht",
                                         "doorgestuurd bericht",
                                         "ursprungligt meddelande",
                                         "vidarebefordrat meddelande",
                                         "oprindelig meddelelse",
                                         "videresendt meddelelse",
                                         "opprinnelig melding",
                                         "alkuperäinen viesti",
                                         "oryginalna wiadomość",
                                         "wiadomość oryginalna",
                                         "přeposlaná zpráva",
                                         "původní zpráva",
                                         "orijinal mesaj",
                                         "сходное сообщение",
                                         "ересылаемое сообщение",
                                         "원본 메시지",
                                         "전달된 메시지",
                                         "元のメッセージ",
                                         "転送メッセージ",
                                         "原始邮件",
                                         "邮件原件",
                                         "转发邮件",
                                         "转发的邮件",
                                         "原始郵件",
                                         "轉寄郵件"};

static const char *const rules_alone[] = {"begin forwarded message:",
                                          "anfang der weitergeleiteten nachricht:",
                                          "début du message réexpédié",
                                          "début du message transféré",
                                          "inicio del mensaje reenviado",
                                          "inizio messaggio inoltrato",
                                          "início da mensagem reencaminhada",
                                          "begin doorgestuurd bericht",
                                          "転送されたメッセージ",
                                          "开始转发的邮件",
                                          "下面是被转发的邮件",
                                          "開始轉寄郵件"};

static size_t run_length(struct span s)
{
    size_t n = 0;

    while (n < s.n && s.at[n] == s.at[0])
        n++;
    return n;
}

bool quote_is_rule(struct span s)
{
    if (starts_any(s, rules_alone, LEN(rules_alone)))
        return true;
    if (span_starts(s, "- --")) /* within a signed text (RFC 4880 7.1) */
        s = span_from(s, 2);
    return s.n > 0 && s.at[0] == '-' && run_length(s) >= RULE_LEAST && span_ends(s, "---") &&
           has_any(s, rule_words, LEN(rule_words));
}

/* --- heads ---------------------------------------------------------------------------------- */

static const char *const from_words[] = {"from", "von",       "de",     "da",        "van",
                                         "fra",  "från",      "od",     "lähettäjä", "kimden",
                                         "От",   "보낸 사람", "差出人", "发件人",    "寄件者"};

static const char *const mail_words[] = {
    "sent",      "subject",    "gesendet", "betreff",   "envoyé",     "objet",     "sujet",
    "enviado",   "enviado el", "asunto",   "assunto",   "enviada em", "inviato",   "oggetto",
    "verzonden", "onderwerp",  "skickat",  "ämne",      "Ämne",       "sendt",     "emne",
    "lähetetty", "aihe",       "wysłano",  "temat",     "odesláno",   "předmět",   "gönderildi",
    "konu",      "Отправлено", "Тема",     "보낸 날짜", "제목",       "送信日時",  "件名",
    "发送时间",  "主题",       "寄件日期", "主旨",      "reply-to",   "importance"};

static const char *const other_words[] = {
    "date",          "to",    "cc",     "datum", "an",    "à",    "À",         "pour",
    "para",          "fecha", "data",   "a",     "aan",   "till", "til",       "dato",
    "vastaanottaja", "do",    "komu",   "kime",  "Кому",  "Дата", "받는 사람", "日付",
    "宛先",          "日期",  "收件人", "时间",  "收件者"};

enum quote_head quote_head_of(struct span s)
{
    size_t colon;
    struct span name;

    while (s.n > 0 && s.at[0] == '*')
        s = span_from(s, 1);
    colon = span_find(s, ':');
    if (span_find_span(s, span_str("：")) < colon)
        colon = span_find_span(s, span_str("："));
    if (colon == s.n || colon > HEAD_BYTES)
        return HEAD_NONE;
    name = span_first(s, colon);
    while (name.n > 0 && (name.at[name.n - 1] == '*' || name.at[name.n - 1] == ' '))
        name.n--;
    if (span_ends(name, "\xc2\xa0"))
        name.n -= 2;
    if (is_one_of(name, from_words, LEN(from_words)))
        return HEAD_FROM;
    if (is_one_of(name, mail_words, LEN(mail_words)))
        return HEAD_MAIL;
    return is_one_of(name, other_words, LEN(other_words)) ? HEAD_OTHER : HEAD_NONE;
}

/* --- "On ... wrote:" ------------------------------------------------------------------------ */

static const char *const verbs[] = {
    "wrote",     "writes",     "schrieb", "geschrieben", "a écrit", "escribió",
    "escreveu",  "ha scritto", "schreef", "skrev",       "napisał", "napsal",
    "kirjoitti", "yazdı",      "пишет",   "написал",     "писал",   "写道",
    "寫道",      "书写",       "작성",    "書きました",  "のメール"};

static bool ends_in_colon(struct span s)
{
    return span_ends(s, ":") || span_ends(s, "：");
}

bool quote_is_wrote(struct span s)
{
    return ends_in_colon(s) && has_any(s, verbs, LEN(verbs));
}

bool quote_is_own(struct span s)
{
    static const char *const openers[] = {"i ",   "we ",  "you ", "he ",  "she ",  "they ",
                                          "it ",  "as ",  "in ",  "and ", "but ",  "what ",
                                          "ich ", "wir ", "wie ", "je ",  "nous ", "comme "};

    return starts_any(s, openers, LEN(openers));
}

bool quote_is_attribution(struct span s)
{
    static const char *const openers[] = {"on ", "am ",  "le ",     "el ", "il ", "em ",
                                          "op ", "den ", "w dniu ", "på ", "在"};
    static const char *const own[] = {" i ", " we ", " ich ", " wir "};
    bool dated = s.n > 0 && ascii_is_digit(s.at[0]);
    bool addressed = span_find(s, '@') < s.n;

    if ((dated || (addressed && quote_has_time(s))) &&
        (span_ends(s, ">:") || span_ends(s, ">：") || span_ends(s, "]:")))
        return true; /* "2026年12月21日(月) 10:00 CERT <a@b>:" */
    if (!addressed && has_any(s, own, LEN(own)))
        return false;
    return quote_is_wrote(s) && (dated || addressed || starts_any(s, openers, LEN(openers)) ||
                                 span_has_nocase(s, "さん"));
}

/* --- ticket systems ------------------------------------------------------------------------- */

bool quote_is_reply_line(struct span s)
{
    static const char *const words[] = {"reply above this line", "type your reply above",
                                        "reply above the line",  "respond above this line",
                                        "oberhalb dieser zeile", "au-dessus de cette ligne",
                                        "por encima de esta l",  "この行より上に"};

    return has_any(s, words, LEN(words));
}

static bool is_comment(struct span s)
{
    if (span_has_nocase(s, " added a comment") && quote_has_time(s))
        return true;
    return s.n <= NAME_BYTES && ends_in_colon(s) &&
           (span_has_nocase(s, " commented on ") || span_has_nocase(s, " commented:"));
}

bool quote_is_journal(struct span s)
{
    static const char *const words[] = {"additional comments", "work notes", "comments"};

    return is_comment(s) || (s.n > 20 && ascii_is_digit(s.at[0]) && ascii_is_digit(s.at[3]) &&
                             s.at[4] == '-' && s.at[7] == '-' && quote_has_time(s) &&
                             span_has_nocase(s, " - ") && has_any(s, words, LEN(words)));
}

bool quote_is_groupwise(struct span s)
{
    return span_starts(s, ">>> ") &&
           (span_ends(s, " >>>") || quote_is_attribution(span_from(s, 4)));
}
