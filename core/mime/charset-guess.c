#include "mime/charset-guess.h"

#include <strings.h>

#include "base/text.h"
#include "mime/charset.h"

/* Numbers of characters that make chance unlikely. */
enum { KANA_SURE = 3, UTF8_SURE = 4, UTF16_LEAST = 4 };

static bool is_plain(unsigned char c)
{
    return c < 0x80 && c != 0 && c != 0x1b;
}

/* Whole lines from the first one on that is not plain ASCII. */
static struct span sample_of(struct span bytes)
{
    size_t from = 0;
    size_t line = 0;
    struct span sample;

    while (from < bytes.n && is_plain(bytes.at[from])) {
        if (bytes.at[from] == '\n')
            line = from + 1;
        from++;
    }
    if (from - line > CHARSET_SAMPLE / 2)
        line = from;
    sample = span_first(span_from(bytes, line), CHARSET_SAMPLE);
    while (line + sample.n < bytes.n && sample.n > 0 && sample.at[sample.n - 1] != '\n')
        sample.n--;
    return sample.n > 0 ? sample : span_first(span_from(bytes, line), CHARSET_SAMPLE);
}

static bool is_seven_bit(struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] >= 0x80)
            return false;
    }
    return true;
}

/* --- Japanese and Korean -------------------------------------------------------------------- */

/* A shift to a set of two bytes, or to JIS X 0201; colours of a terminal are "ESC [". */
static const char *shifted(struct span bytes)
{
    for (size_t i = 0; i + 2 < bytes.n; i++) {
        if (bytes.at[i] != 0x1b)
            continue;
        if (bytes.at[i + 1] == '$' && bytes.at[i + 2] == ')')
            return "iso-2022-kr";
        if (bytes.at[i + 1] == '$' ||
            (bytes.at[i + 1] == '(' && (bytes.at[i + 2] == 'I' || bytes.at[i + 2] == 'J')))
            return "iso-2022-jp";
    }
    return NULL;
}

/* Of EUC-JP's pairs: all, and those that are kana. False: 8-bit bytes do not come in pairs. */
static bool euc_pairs(struct span bytes, size_t *ret_pairs, size_t *ret_kana)
{
    *ret_pairs = *ret_kana = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] < 0x80)
            continue;
        if ((bytes.at[i] < 0xa1 && bytes.at[i] != 0x8e) || i + 1 == bytes.n ||
            bytes.at[i + 1] < 0xa1)
            return false;
        *ret_kana += bytes.at[i] == 0xa4 || bytes.at[i] == 0xa5;
        ++*ret_pairs;
        i++;
    }
    return *ret_pairs > 0;
}

static bool looks_like_euc_jp(struct span bytes)
{
    size_t pairs;
    size_t kana;

    return euc_pairs(bytes, &pairs, &kana) && (kana > 0 || pairs > 3) &&
           charset_reads("euc-jp", bytes).clean;
}

/* So much kana that a label of another charset must be wrong. */
static bool is_surely_euc_jp(struct span bytes)
{
    size_t pairs;
    size_t kana;

    return euc_pairs(bytes, &pairs, &kana) && kana >= KANA_SURE && kana * 4 >= pairs &&
           charset_reads("euc-jp", bytes).clean;
}

/* Of CP932's pairs: those whose second byte is 8-bit too, and the kana. An apostrophe and a letter
 * in windows-1252 ("it\x92s") would be a pair as well, but of the other kind. */
static void sjis_pairs(struct span bytes, size_t *ret_strong, size_t *ret_kana)
{
    *ret_strong = *ret_kana = 0;
    for (size_t i = 0; i + 1 < bytes.n; i++) {
        unsigned char lead = bytes.at[i];

        if (!((lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc)))
            continue;
        *ret_strong += lead <= 0x9f && bytes.at[i + 1] >= 0x80;
        *ret_kana += (lead == 0x82 && bytes.at[i + 1] >= 0x9f && bytes.at[i + 1] <= 0xf1) ||
                     (lead == 0x83 && bytes.at[i + 1] >= 0x40 && bytes.at[i + 1] <= 0x96);
        i++;
    }
}

static bool looks_like_shift_jis(struct span bytes)
{
    size_t strong;
    size_t kana;

    sjis_pairs(bytes, &strong, &kana);
    return (strong > 0 || kana > 1) && charset_reads("windows-31j", bytes).clean;
}

static bool is_surely_shift_jis(struct span bytes)
{
    size_t strong;
    size_t kana;

    sjis_pairs(bytes, &strong, &kana);
    return kana >= KANA_SURE && charset_reads("windows-31j", bytes).clean;
}

/* --- Unicode -------------------------------------------------------------------------------- */

/* By the byte order mark, or by where the zeros stand. Text that calls itself UTF-16 has them at
 * least in its line ends; other text must have them like Latin letters, since a stray zero is
 * nothing but that. */
static const char *utf16_order(struct span bytes, bool labelled)
{
    size_t zeros[2] = {0, 0};
    size_t half = bytes.n / 2;
    size_t least = labelled ? 1 : half * 2 / 5 + 1;

    if (bytes.n >= 2 && bytes.at[0] == 0xff && bytes.at[1] == 0xfe)
        return "utf-16le";
    if (bytes.n >= 2 && bytes.at[0] == 0xfe && bytes.at[1] == 0xff)
        return "utf-16be";
    for (size_t i = 0; i < half * 2; i++)
        zeros[i % 2] += bytes.at[i] == 0;
    if (bytes.n < UTF16_LEAST)
        return NULL;
    if (zeros[1] >= least && zeros[0] * 8 <= zeros[1])
        return "utf-16le";
    return zeros[0] >= least && zeros[1] * 8 <= zeros[0] ? "utf-16be" : NULL;
}

/* Sequences of more than one byte in valid UTF-8; *ret_long: there is one of three or more. */
static size_t utf8_sequences(struct span bytes, bool *ret_long)
{
    size_t sequences = 0;

    *ret_long = false;
    while (bytes.n > 0) {
        uint32_t point;
        size_t n = text_utf8_next(bytes, &point);

        if (n == 0)
            return 0;
        sequences += n > 1;
        *ret_long = *ret_long || n > 2;
        bytes = span_from(bytes, n);
    }
    return sequences;
}

const char *charset_guess(struct span bytes)
{
    struct span sample = sample_of(bytes);
    const char *shift = shifted(sample);
    const char *order = utf16_order(bytes.n > 2 && bytes.at[0] >= 0xfe ? bytes : sample, false);

    if (shift != NULL && is_seven_bit(sample))
        return shift;
    if (order != NULL)
        return order;
    if (text_is_utf8(bytes))
        return "utf-8";
    if (looks_like_euc_jp(sample))
        return "euc-jp";
    return looks_like_shift_jis(sample) ? "windows-31j" : "windows-1252";
}

static bool starts(const char *name, const char *with)
{
    return strncasecmp(name, with, strlen(with)) == 0;
}

/* A label of UTF-16: the bytes know their order better, and 8-bit text that only says so is none:
 * HTML that was converted without its <meta>. */
static const char *instead_of_utf16(struct span bytes, const char *name, bool *ret_wrong)
{
    const char *order = utf16_order(bytes, true);

    *ret_wrong = true;
    if (span_find(bytes, 0) == bytes.n && span_find(bytes, '\n') < bytes.n && text_is_utf8(bytes))
        return "utf-8";
    if (order == NULL || strcasecmp(order, name) == 0)
        return NULL;
    *ret_wrong = strcasecmp(name, "utf-16") != 0;
    return order;
}

static const char *instead_of_single_byte(struct span sample, const char *name)
{
    if (text_is_utf8(sample))
        return "utf-8";
    if (strcmp(name, "windows-1252") != 0)
        return NULL;
    if (is_surely_euc_jp(sample))
        return "euc-jp";
    return is_surely_shift_jis(sample) ? "windows-31j" : NULL;
}

/* Two charsets of several bytes can both make sense of some bytes; so where the label does, only
 * strong evidence counts. */
static const char *instead_of_multi_byte(struct span sample, const char *name)
{
    bool utf8 = strcasecmp(name, "utf-8") == 0;
    bool is_long;
    size_t sequences = utf8_sequences(sample, &is_long);
    struct charset_reading reading;
    const char *guess;

    if (utf8 && sequences > 0)
        return NULL;
    reading = charset_reads(name, sample);
    if (is_long && (!reading.clean || sequences >= UTF8_SURE))
        return "utf-8";
    if (strcmp(name, "windows-31j") == 0 && is_surely_euc_jp(sample))
        return "euc-jp";
    if (reading.clean)
        return NULL;
    guess = charset_guess(sample);
    if (strcmp(guess, "windows-1252") == 0 &&
        (reading.n_broken <= reading.n_letters || span_find(sample, 0xff) < sample.n))
        return NULL;
    return strcasecmp(guess, name) == 0 ? NULL : guess;
}

const char *charset_instead(struct span bytes, const char *name, bool *ret_wrong)
{
    struct span sample = sample_of(bytes);
    const char *shift = shifted(sample);
    const char *order;

    if (starts(name, "utf-16"))
        return instead_of_utf16(bytes, name, ret_wrong);
    *ret_wrong = true;
    if (starts(name, "utf-32") || starts(name, "utf-7") || starts(name, "hz"))
        return NULL;
    order = utf16_order(bytes, false);
    if (order != NULL && charset_reads(order, bytes).clean)
        return order;
    if (is_seven_bit(sample))
        return shift == NULL || starts(name, "iso-2022") || !charset_reads(shift, sample).clean
                   ? NULL
                   : shift;
    return charset_is_single_byte(name) ? instead_of_single_byte(sample, name)
                                        : instead_of_multi_byte(sample, name);
}
