#include "flow/sentences.h"

#include "base/buf.h"
#include "flow/phrase.h"

enum { PLACES_MAX = 9, DEPTH_MAX = 3, SENTENCE_BYTES_MAX = 4000 };

/* "*" is a name, a number or a time; {1} is where the first of them goes. The first row that fits
 * counts, so the narrower ones stand first. */
static const struct {
    const char *english;
    const char *japanese;
} rows[] = {
    /* who */
    {"coordinator *", "担当者 {1}"},
    {"reporter", "報告者"},
    {"reporter *", "報告者 {1}"},
    {"the reporter's key", "報告者の鍵"},
    {"everyone", "全員"},
    /* what */
    {"the title", "題名"},
    {"the summary", "概要"},
    {"the text", "本文"},
    {"its text, or its template", "本文またはテンプレート"},
    {"its address", "宛先"},
    {"its reader's key", "受信者の鍵"},
    {"the case's title", "案件の題名"},
    {"the pieces in it", "含まれる情報"},
    {"the attachments", "添付ファイル"},
    /* how sure */
    {"trust=bad", "不正な署名"},
    {"trust=claimed", "名乗りのみ"},
    {"trust=token", "当窓口のメールへの返信 (未署名)"},
    {"trust=signed", "未確認の鍵による署名"},
    {"trust=verified", "検証済み"},
    {"kind=encrypted", "暗号化"},
    {"kind=signed", "署名"},
    {"seal=valid", "有効"},
    {"seal=invalid", "不正"},
    {"seal=expired", "期限切れ"},
    {"seal=revoked", "失効"},
    {"seal=unknown-key", "未知の鍵"},
    {"seal=no-key", "鍵なし"},
    {"seal=weak", "弱い方式"},
    {"seal=error", "エラー"},
    {"not protected", "なし"},
    /* remarks about a mail */
    {"not signed; through *'s copy, from an address of *",
     "署名なし。{1} 宛てのメールへの返信で、{2} のアドレスから届きました"},
    {"not signed; through the reporter's copy, from the reporter's address",
     "署名なし。報告者宛てのメールへの返信で、報告者のアドレスから届きました"},
    {"not signed; through *'s copy, sender not known (*)",
     "署名なし。{1} 宛てのメールへの返信ですが、差出人は不明です ({2})"},
    {"signed by *, but *", "署名者: {1}。ただし {2}"},
    {"signed by a key that the desk does not know", "当窓口が知らない鍵で署名されています"},
    {"signed by *", "署名者: {1}"},
    {"its signature is not valid", "署名が正しくありません"},
    {"nothing proves who wrote it", "書いた人を証明するものがありません"},
    {"unplaced: its author takes no part in this case; File places it",
     "未分類: 差出人はこの案件の関係者ではありません。File で振り分けられます"},
    {"unplaced: it names this case and proves nothing; File places it",
     "未分類: 案件の番号があるだけで証拠がありません。File で振り分けられます"},
    {"contested: the same sealed content came in another message; one is a copy",
     "要確認: 同じ暗号文が別のメールでも届きました。どちらかは写しです"},
    {"the signature lies outside the encryption: it says who forwarded, not who wrote",
     "署名が暗号の外側にあります。転送した人を示すもので、書いた人は示しません"},
    {"it could not be opened; its bytes are kept as they came",
     "開封できませんでした。受信した内容はそのまま保存してあります"},
    {"like message *", "メール #{1} によく似ています"},
    {"From is *, not the signer's", "From は {1} で、署名者のアドレスではありません"},
    {"sent by a machine (*)", "自動送信されたメールです ({1})"},
    {"a registration: check who it is by other means before anything is believed",
     "登録の申し込みです。内容を信用する前に、別の手段で本人を確認してください"},
    {"DMARC for its From: *", "From の DMARC: {1}"},
    {"its form: vendors may learn who reported; it takes \"Share: named from\" and the piece",
     "様式: 製品開発者に報告者名を伝えてよい。\"Share: named from\" と情報の番号で反映します"},
    {"its form: vendors do not learn who reported (no)",
     "様式: 製品開発者に報告者名を伝えません (いいえ)"},
    {"its form: vendors do not learn who reported (*)",
     "様式: 製品開発者に報告者名を伝えません ({1})"},
    {"its form: wants public credit; it takes \"Credit: named from\" and the piece",
     "様式: 謝辞への掲載を希望。\"Credit: named from\" と情報の番号で反映します"},
    {"its form: no public credit (no)", "様式: 謝辞に掲載しません (いいえ)"},
    {"its form: no public credit (*)", "様式: 謝辞に掲載しません ({1})"},
    {"its form: has comments that vendors do not get",
     "様式: 製品開発者に伝えないコメントがあります"},
    {"not answered", "無回答"},
    {"not a clear answer", "回答が不明確"},
    {"not all of it was looked at (*); its bytes are kept as they came",
     "全部は調べていません ({1})。受信した内容はそのまま保存してあります"},
    {"its From outside is not the one inside the seal",
     "外側の From が、署名・暗号の内側の From と異なります"},
    {"encrypted to other keys than the desk's: its sender needs the desk's key",
     "当窓口の鍵で暗号化されていません。差出人に当窓口の鍵が必要です"},
    {"encrypted with a passphrase, which the desk does not have",
     "パスフレーズで暗号化されており、当窓口では開けません"},
    {"it calls itself encrypted, and is not", "暗号化を名乗っていますが、暗号化されていません"},
    {"the signer's certificate may have been revoked: *",
     "署名者の証明書は失効している可能性があります (失効リストがないか、古くなっています)"},
    {"repaired: *", "修復: {1}"},
    {"its commands did nothing: they hold mistakes", "コマンドに誤りがあり、実行されませんでした"},
    /* what a file carries */
    {"not looked into, or not wholly: *", "中を (すべては) 調べられませんでした: {1}"},
    {"could not be looked into, or not wholly: *", "中を (すべては) 調べられませんでした: {1}"},
    {"an encrypted archive", "暗号化された書庫"},
    {"a broken archive", "壊れた書庫"},
    {"a broken picture", "壊れた画像"},
    {"a PDF whose text can't be read", "本文を読めない PDF"},
    {"only JPEG and PNG pictures are cleaned", "除去版を作るのは JPEG と PNG の画像だけです"},
    {"archives and Office documents are not cleaned, only JPEG and PNG pictures",
     "書庫と Office 文書の除去版は作りません。JPEG と PNG の画像だけです"},
    {"what is taken out of a PDF can be put back", "PDF から除去した情報は復元できてしまいます"},
    {"too many files in one mail to be cleaned", "1 通のメールに画像が多すぎます"},
    {"nothing was found in it that could be taken out", "除去する情報は見つかりませんでした"},
    {"nothing in it can be taken out", "除去できる情報がありません"},
    {"it came before files were cleaned", "除去版を作る機能がなかったときに届いたものです"},
    {"exiftool is not installed", "exiftool が入っていません"},
    {"exiftool can't read it", "exiftool で読めません"},
    {"exiftool took too long", "exiftool の処理に時間がかかりすぎました"},
    {"a program: only its plain words were looked at", "実行ファイル (中の文字列だけを調査)"},
    {"an unknown kind of file: only its plain words were looked at",
     "種類が不明のファイル (中の文字列だけを調査)"},
    /* why a letter is held, and what to do */
    {"waits for a second coordinator", "2 人目の担当者を待っています"},
    {"changed since it was confirmed: *", "確認後に変更がありました: {1}"},
    {"changed since it was let through: *", "許可後に変更がありました: {1}"},
    {"words of a piece outside the audience in *", "受信者が見られない情報の文言 ({1})"},
    {"name in *: *", "他者の名称 ({1}): {2}"},
    {"id of another reader in *: *", "別の受信者の番号 ({1}): {2}"},
    {"mark of another reader in *: *", "別の受信者の識別子 ({1}): {2}"},
    {"its reader has left the directory", "受信者が名簿から外れました"},
    {"its reader has left the case", "受信者が案件から外れました"},
    {"stopped by *", "{1} が取り消しました"},
    {"Send-Anyway: * <reason>, by two coordinators", "Send-Anyway: {1} (理由)、担当者 2 人で"},
    {"Send-Anyway: * <reason>, once it is held", "保留された後に Send-Anyway: {1} (理由)"},
    {"Send-Anyway: * <reason>", "Send-Anyway: {1} (理由)"},
    {"look at it again, then *", "内容をもう一度確認してから {1}"},
    {"when that is mended: *", "解消後に {1}"},
    {"Confirm: *, by two coordinators", "Confirm: {1} (担当者 2 人で)"},
    /* sends */
    {"by *:", "{1} より:"},
    {"*: * to *, waits for a second coordinator, who says \"Confirm: *\"; \"Stop: *\" takes it "
     "back",
     "{1}: {2} ({3} 件)。2 人目の担当者の \"Confirm: {4}\" を待ちます。\"Stop: {5}\" "
     "で取り消せます"},
    {"*: * to *, waits for two coordinators, who both say \"Confirm: *\"; \"Stop: *\" takes it "
     "back",
     "{1}: {2} ({3} 件)。担当者 2 人の \"Confirm: {4}\" を待ちます。\"Stop: {5}\" で取り消せます"},
    {"*: * to *, goes out at *; until then \"Stop: *\" takes it back",
     "{1}: {2} ({3} 件) を {4} に送信します。それまでは \"Stop: {5}\" で取り消せます"},
    {"*: * to *, goes out now", "{1}: {2} ({3} 件) を送信します"},
    {"*: *, no key: gets key-needed, no details", "{1}: {2}、鍵なし: key-needed のみ (詳細なし)"},
    {"*: *: gets key-needed, no details", "{1}: {2}: key-needed のみ (詳細なし)"},
    {"*: *: has not accepted the terms, gets vendor-invite, no details",
     "{1}: {2}: 条件に未同意のため vendor-invite のみ (詳細なし)"},
    {"*: has no contact, gets nothing", "{1}: 連絡先がないため送りません"},
    {"*: * of * letters cancelled; nothing is out",
     "{1}: {3} 通のうち {2} 通を取り消しました。外に出たものはありません"},
    {"*: * of * letters cancelled; may be out: *",
     "{1}: {3} 通のうち {2} 通を取り消しました。出た可能性があるもの: {4}"},
    {"*, * to *, would be HELD: *; \"Preview: *\" shows it",
     "{1} ({2}、{3} 宛て) はこのままでは保留されます: {4}。\"Preview: {5}\" で表示できます"},
    {"* wrote it: gets nothing", "{1} が書いたものなので送りません"},
    {"* has it already: gets nothing", "{1} には届いているので送りません"},
    {"* gets it with * already; Stop: * first, to pass on its quotes",
     "{1} には {2} で送信予定です。引用も渡すには、先に Stop: {3}"},
    {"* gets it with * already", "{1} には {2} で送信予定です"},
    {"* was not told yet: gets it with its notice",
     "{1} には未連絡のため、最初の連絡と一緒に送ります"},
    {"* gets the file itself with *; Stop: * first, to send it cleaned",
     "{1} には {2} で元のファイルを送信予定です。除去版を送るには、先に Stop: {3}"},
    {"* gets it cleaned with *; Stop: * first, to send the file itself",
     "{1} には {2} で除去版を送信予定です。元のファイルを送るには、先に Stop: {3}"},
    {"* still carries *", "{1} の除去版に残る情報: {2}"},
    {"* carries *", "{1} に付随する情報: {2}"},
    {"* could not be looked into, or not wholly: *",
     "{1} は中を (すべては) 調べられませんでした: {2}"},
    {"\"*\" sends a copy without it, but still with *",
     "\"{1}\" でそれを除去した版を送れます (ただし残る情報: {2})"},
    {"\"*\" sends a copy without it", "\"{1}\" でそれを除去した版を送れます"},
    {"* goes cleaned, without *", "{1} は除去版を送ります。除去した情報: {2}"},
    {"* goes cleaned", "{1} は除去版を送ります"},
    {"* can't be cleaned: *", "{1} は除去版を作れません: {2}"},
    {"* can't go cleaned: *", "{1} は除去版を送れません: {2}"},
    {"* quoted lines go with it", "引用 {1} 行も一緒に送ります"},
    {"* quoted lines are left out; \"*\" passes them on",
     "引用 {1} 行は除きます。\"{2}\" で渡せます"},
    {"* is held (*); it goes when a second coordinator, too, says \"*\" and the reason",
     "{1} は保留中です ({2})。2 人目の担当者も \"{3}\" と理由を書くと送信されます"},
    {"the reason of the first: *", "1 人目の理由: {1}"},
    {"* goes as it was held (*), if nothing in it has changed since",
     "{1} を保留時のまま送信します ({2})。その後に変更があれば送信されません"},
    {"* is confirmed, letters: *; \"Stop: *\" takes back what has not gone",
     "{1} を確認しました ({2} 通)。未送信のものは \"Stop: {3}\" で取り消せます"},
    {"* waits for another coordinator, too, who says \"Confirm: *\"; letters: *",
     "{1} はもう 1 人の担当者の \"Confirm: {2}\" を待ちます ({3} 通)"},
    {"what letters say has changed since * said so: that no longer counts; \"*\" shows it",
     "{1} の確認後に内容が変わったため、その確認は無効です。\"{2}\" で現在の内容を表示できます"},
    {"*, as it would go now, comes in a letter of its own",
     "{1} の現時点の内容を、別のメールで送ります"},
    {"what * would get comes in a letter of its own", "{1} に届く内容を、別のメールで送ります"},
    {"* goes to the reporter now", "{1} を報告者に送信します"},
    /* cases and reports */
    {"* opened *; it is piece * and following", "{1} から {2} を開きました。情報 {3} 以降です"},
    {"* opened *; it is piece *", "{1} から {2} を開きました。情報 {3} です"},
    {"* joined *; it is piece * and following", "{1} を {2} に加えました。情報 {3} 以降です"},
    {"* joined *; it is piece *", "{1} を {2} に加えました。情報 {3} です"},
    {"* is declined", "{1} を受理しませんでした"},
    {"* is set aside; nobody is told", "{1} を除外しました。誰にも通知しません"},
    {"* owns *", "{2} の主担当は {1} です"},
    {"* no longer watches *", "{1} は {2} の閲覧登録を外れました"},
    {"* watches *", "{1} は {2} を閲覧登録しました"},
    {"* is excluded from *", "{1} を {2} から除外しました"},
    {"the title is \"*\"", "題名は「{1}」です"},
    {"the summary is written (* characters); vendors get it with their notice",
     "概要を登録しました ({1} 文字)。製品開発者への最初の連絡に載ります"},
    {"noted as piece *; only coordinators see it", "情報 {1} として記録しました (担当者のみ)"},
    {"\"*\" is let through in *", "{2} では「{1}」をそのまま送ります"},
    {"* names *: Send will stop at that unless only its owner reads it",
     "{1}に「{2}」があります。その組織だけに送る場合を除き、Send はそこで止まります"},
    {"warning: * repeats piece *, \"*...\": letters to who may not see it will be held",
     "注意: {1}に情報 {2} と同じ文言があります "
     "(「{3}...」)。見られない相手へのメールは保留されます"},
    {"only the first * of * letters were looked at", "{2} 通のうち最初の {1} 通だけを調べました"},
    {"* of them the desk had not sent: perhaps answers, which \"quoted\" passes on too",
     "うち {1} 行は当窓口が送ったものではありません。回答かもしれず、quoted ではそれも渡ります"},
    {"* has not accepted the terms: gets nothing; \"*\" asks it, \"*\" says that it has",
     "{1} は条件に未同意のため送りません。\"{2}\" で確認を求め、\"{3}\" で同意済みにできます"},
    {"* was told by * at *", "{1} に {2} で連絡済み ({3}) と記録しました"},
    {"#* is piece * of * now, *", "メール #{1} を {3} の情報 {2} としました ({4})"},
    {"#* belongs to * now", "メール #{1} を {2} に移しました"},
    {"vendors may learn the name of *", "{1} の名前を製品開発者に伝えられます"},
    {"vendors will not learn the name of *", "{1} の名前は製品開発者に伝えません"},
    {"what is published names *", "公表時に {1} の名前を載せます"},
    {"nothing that is published names *", "公表時に {1} の名前は載せません"},
    {"vendors may learn your name", "お名前を製品開発者に伝えます"},
    {"vendors will not learn your name", "お名前は製品開発者に伝えません"},
    {"you will be credited by name", "謝辞にお名前を掲載します"},
    {"you will not be named in public", "公表時にお名前は出しません"},
    {"the reporter is not to be named any more", "報告者の名前は今後伝えません"},
    {"the reporter is not to be credited by name any more", "報告者の名前は謝辞に載せません"},
    {"the embargo ends at *", "公表日時は {1} です"},
    {"* is proposed as the end of the embargo", "{1} を公表日時として提案しました"},
    {"* is closed", "{1} を終了しました"},
    {"* is added", "{1} を加えました"},
    {"* is added (*: will get no details)", "{1} を加えました ({2}: 詳細は届きません)"},
    {"* is in the case already", "{1} は既に案件に入っています"},
    {"* is removed; letters that wait for it will not go",
     "{1} を外しました。送信待ちのメールは送りません"},
    {"* is recorded as * for vulnerability *", "{1} を脆弱性 {3} について {2} と記録しました"},
    {"* has accepted the terms", "{1} は条件に同意しました"},
    {"the details will follow", "詳細は追ってお送りします"},
    {"the reporter has no key: gets key-needed, no details",
     "報告者の鍵がないため key-needed のみ送ります (詳細なし)"},
    {"your text is piece * of *, an internal note",
     "本文は {2} の情報 {1} (内部メモ) として記録しました"},
    {"your mail has no commands; it is message * of *",
     "コマンドがありません。{2} のメール #{1} として保存しました"},
    {"no commands could be read (*); they go into plain text",
     "コマンドを読めませんでした ({1})。プレーンテキストで書いてください"},
    {"this case is not yours to act on", "この案件を操作する権限がありません"},
    /* mistakes */
    {"line *: *", "{1} 行目: {2}"},
    {"*: no such command; did you mean *?", "{1}: そのコマンドはありません。{2} ですか?"},
    {"*: no such command", "{1}: そのコマンドはありません"},
    {"*: no such organisation; did you mean *?", "{1}: その組織はありません。{2} ですか?"},
    {"*: no such organisation", "{1}: その組織はありません"},
    {"*: no such letter or send in *", "{1}: {2} にそのメールや送信はありません"},
    {"*: no such letter in *", "{1}: {2} にそのメールはありません"},
    {"*: no such send in *", "{1}: {2} にその送信はありません"},
    {"*: no such piece in *", "{1}: {2} にその情報はありません"},
    {"* is not in *; Vendors: +* adds it", "{1} は {2} に入っていません。Vendors: +{3} で加えます"},
    {"*, its line *, names \"*\": \"*\"; take it out, put it between * and *, or say Allow-Term: *",
     "{1}の {2} 行目に「{3}」があります (「{4}」)。削除するか、{5} と {6} で囲むか、Allow-Term: "
     "{7} "
     "と書いてください"},
    {"*, its line *, names \"*\": \"*\"; take it out, or say Allow-Term: *",
     "{1}の {2} 行目に「{3}」があります (「{4}」)。削除するか、Allow-Term: {5} と書いてください"},
    {"there is no summary yet; Summary: writes it", "概要がありません。Summary: で書いてください"},
    {"* needs a text: below the block, behind an empty line",
     "{1} には本文が必要です (ブロックの下、空行の後)"},
    {"you have said so already: another coordinator must, too",
     "確認済みです。もう 1 人の担当者の確認が必要です"},
    {"no letter of * waits for a coordinator's word", "{1} には確認待ちのメールがありません"},
    {"*: no such coordinator; did you mean *?", "{1}: その担当者はいません。{2} ですか?"},
    {"*: no such coordinator", "{1}: その担当者はいません"},
    {"*: no such letter; did you mean *?", "{1}: その種類のメールはありません。{2} ですか?"},
    {"*: no such letter; write *, for instance",
     "{1}: その種類のメールはありません。{2} などと書いてください"},
    {"*: no such status; did you mean *?", "{1}: その状態はありません。{2} ですか?"},
    {"* is not for *", "{1} は {2} 宛てには使えません"},
    {"* needs a case: put Accept before it",
     "{1} には案件が必要です。先に Accept を書いてください"},
    {"* needs a case", "{1} には案件が必要です"},
    {"* does not say to whom", "{1} に宛先がありません"},
    {"* takes one word: *", "{1} には 1 語だけ書いてください: {2}"},
    {"* is stopped already", "{1} は取り消し済みです"},
    {"* has passed", "{1} は過ぎています"},
    {"the case is not published", "案件はまだ公表されていません"},
    {"the embargo has not ended", "公表日時がまだ来ていません"},
    {"the end of the embargo has passed", "公表日時は過ぎています"},
    {"no end of the embargo is agreed; Embargo: sets one",
     "公表日時が決まっていません。Embargo: で設定してください"},
    {"Share takes a piece, as 3; Release an attachment, as 3.2",
     "Share には 3 のような情報の番号、Release には 3.2 のような添付の番号を書いてください"},
    {"Release takes an attachment, as 3.2; Share a piece, as 3",
     "Release には 3.2 のような添付の番号、Share には 3 のような情報の番号を書いてください"},
    {"Decline needs a reason, behind it or below: the reporter gets it",
     "Decline には理由が必要です (報告者に届きます)"},
    {"write *", "次のように書いてください: {1}"},
    /* a preview's labels */
    {"To: *", "宛先: {1}"},
    {"Template: *", "テンプレート: {1}"},
    {"Letter: *", "メール: {1}"},
    {"Subject: *", "件名: {1}"},
    {"Attachments: *", "添付ファイル: {1}"},
    {"It would be HELD: *", "保留されます: {1}"},
    {"No usable key, so that it would get key-needed: *",
     "使える鍵がないため key-needed のみ: {1}"},
    {"What you can write then:", "次のように書けます:"},
    {"Not gone yet:", "未送信:"},
    {"  Summary: or Title:, where the words stand there",
     "  Summary: または Title: (その語がそこにある場合)"},
    {"  Allow-Term: <name>, a name that the case may tell",
     "  Allow-Term: (名称)、この案件で伝えてよい場合"},
    {"  Send-Anyway: * <reason>, once it is held", "  保留された後に Send-Anyway: {1} (理由)"},
    {"  Send-Anyway: * <reason>", "  Send-Anyway: {1} (理由)"},
    {"and * more; Preview: L97 shows one by its number",
     "ほか {1} 通。Preview: L97 のように番号で表示できます"},
    {"*: *, key *", "{1}: {2}、鍵 {3}"},
    /* several in one line */
    {"*; *", "{1}; {2}"},
};

struct places {
    struct span at[PLACES_MAX];
    size_t n;
};

/* Tries the shortest for each "*" first; lines and patterns are short. */
static bool fits(const char *pattern, struct span text, struct places *places)
{
    for (; *pattern != '\0' && *pattern != '*'; pattern++) {
        if (text.n == 0 || text.at[0] != (unsigned char)*pattern)
            return false;
        text = span_from(text, 1);
    }
    if (*pattern == '\0')
        return text.n == 0;
    if (places->n == PLACES_MAX)
        return false;
    for (size_t n = 1; n <= text.n; n++) {
        size_t before = places->n;

        places->at[places->n++] = span_first(text, n);
        if (fits(pattern + 1, span_from(text, n), places))
            return true;
        places->n = before;
    }
    return false;
}

static const char *translate(struct arena *a, const char *english, int depth);

static const char *fill(struct arena *a, const char *pattern, const struct places *places,
                        int depth)
{
    struct buf out = buf_new(a, SENTENCE_BYTES_MAX);

    for (const char *p = pattern; *p != '\0'; p++) {
        size_t i = p[0] == '{' && p[1] >= '1' && p[1] <= '9' && p[2] == '}' ? (size_t)(p[1] - '1')
                                                                            : PLACES_MAX;

        if (i >= places->n) {
            buf_add_char(&out, *p);
            continue;
        }
        buf_add_str(&out, translate(a, span_dup(a, places->at[i]), depth + 1));
        p += 2;
    }
    return out.at;
}

static const char *translate(struct arena *a, const char *english, int depth)
{
    /* A word alone may be somebody's short name. */
    bool whole = depth == 0 || strchr(english, ' ') != NULL;
    const char *word = whole ? phrase_in("ja", english) : english;

    if (word != english || depth > DEPTH_MAX || strlen(english) > SENTENCE_BYTES_MAX / 4)
        return word;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct places places = {.n = 0};

        if (fits(rows[i].english, span_str(english), &places))
            return fill(a, rows[i].japanese, &places, depth);
    }
    return english;
}

const char *sentence_in(struct arena *a, const char *language, const char *english)
{
    if (language == NULL || english == NULL || strncmp(language, "ja", 2) != 0)
        return english;
    return translate(a, english, 0);
}

const char *word_in(struct arena *a, const char *language, const char *of, const char *word)
{
    const char *key = arena_printf(a, "%s=%s", of, word);
    const char *said = sentence_in(a, language, key);

    return strcmp(said, key) == 0 ? word : said;
}

const char *sentences_in(struct arena *a, const char *language, const char *english)
{
    struct span rest = span_str(english);
    struct buf out = buf_new(a, 2 * rest.n + 64);
    struct span line;

    if (language == NULL || strncmp(language, "ja", 2) != 0)
        return english;
    while (span_line(&rest, &line)) {
        const char *text = span_dup(a, line);

        buf_add_str(&out, strncmp(text, "| ", 2) == 0 ? text : sentence_in(a, language, text));
        buf_add_char(&out, '\n');
    }
    return out.full ? english : out.at;
}
