"""vendors - organisations as a desk knows them: pairs where one name begins another, ordinary words, Japanese names, short ones."""

# Name; aliases; further terms (handles, products); those of them that are ordinary words too.
NAMES = (
    ("Dell", (), (), ()), ("Dell EMC", (), ("@dellemc_psirt",), ()),
    ("Oracle", ("Oracle Corporation",), (), ("Oracle",)), ("Apple Inc.", (), ("@apple_sec",), ("Apple",)),
    ("株式会社日立製作所", ("Hitachi", "日立", "ヒタチ"), (), ()), ("日立エナジー", ("Hitachi Energy",), (), ()),
    ("Palo Alto Networks, Inc.", ("PAN-OS",), (), ()), ("パナソニック株式会社", ("Panasonic",), ("パナテック",), ()),
    ("F5 Networks", ("BIG-IP",), (), ()), ("Siemens AG", ("シーメンス",), ("@siemens_cert",), ()),
    ("Siemens Healthineers", (), (), ()), ("AT&T", (), (), ()),
    ("Brocade Communications Systems, LLC", ("Brocade",), (), ("Brocade",)), ("Foundry Brocade", (), (), ()),
    ("三菱電機株式会社", ("Mitsubishi Electric", "三菱電機"), ("メルセック",), ()), ("Toshiba Corporation", ("東芝",), (), ()),
    ("Toshiba Commerce Solutions", ("東芝テック",), (), ()), ("D-Link Corporation", ("D-Link",), (), ()),
    ("TP-Link Systems Inc.", ("TP-Link",), ("Archer AX73",), ()), ("Moxa Inc.", ("Moxa",), (), ()),
    ("Red Hat, Inc.", ("Red Hat",), (), ()), ("SUSE", (), ("@suse_sec",), ()), ("Fujitsu Limited", ("富士通", "Fujitsu"), (), ()),
    ("FreeBSD", (), (), ()), ("Qualcomm, Inc.", ("Qualcomm",), ("Snapdragon",), ("Snapdragon",)),
    ("Rockwell Automation", (), (), ()), ("Schneider Electric SE", ("Schneider Electric",), ("Modicon",), ()),
    ("Phoenix Contact", ("フエニックス・コンタクト",), (), ()), ("バッファロー", ("Melco Buffalo",), ("エアステーション",), ()),
    ("アイ・オー・データ機器", ("I-O DATA",), (), ()), ("Zyxel Networks", ("Zyxel",), (), ()),
    ("横河電機", ("Yokogawa Electric",), ("センタム",), ()), ("ヤマハ株式会社", ("Yamaha",), (), ()),
    ("Internet Initiative Japan Inc.", ("IIJ",), ("SEIL",), ()), ("NEC Corporation", ("日本電気",), (), ()),
    ("NEC Platforms", ("NECプラットフォームズ",), (), ()), ("Cisco Systems, Inc.", ("Cisco",), ("AnyConnect",), ()),
    ("Juniper Networks", (), ("Junos",), ()), ("Micro Focus", (), (), ()), ("OpenSSL Software Foundation", ("OpenSSL",), (), ()),
    ("Symantec", (), (), ()), ("Alias Robotics S.L.", ("Alias Robotics",), (), ()), ("ABB Ltd.", ("Asea Brown Boveri",), (), ()),
    ("Canon Inc.", ("キヤノン",), (), ("Canon",)), ("セイコーエプソン", ("Seiko Epson", "Epson"), (), ()),
    ("ブラザー工業", ("Brother Industries",), (), ()), ("Sophos", (), (), ()), ("Check Point Software", (), (), ()),
    ("Arista Networks, Inc.", ("Arista",), (), ()), ("Mandriva, Inc.", ("Mandriva",), (), ()),
    ("Belden", ("Hirschmann",), (), ()), ("Baxter Healthcare", (), (), ()), ("Zscaler, Inc.", ("Zscaler",), (), ()),
    ("AVM GmbH", ("FRITZ!Box",), (), ()), ("Synology", ("シノロジー",), (), ()), ("QNAP Systems", ("QNAP",), (), ()),
    ("Trend Micro", ("トレンドマイクロ",), (), ()), ("サイボウズ", ("Cybozu",), ("ガルーン",), ()), ("Ampere Computing", (), (), ("Ampere",)),
    ("Ivanti", (), ("Pulse Secure",), ()),
    # Behind the first sixty: known to a directory, seldom in a case of a small campaign.
    ("Adobe Systems Incorporated", ("Adobe",), (), ()), ("Airbus", (), (), ()), ("Alibaba, Inc.", ("Alibaba",), (), ()),
    ("Apache Software Foundation", ("Apache HTTP Server",), (), ()), ("Crafter CMS", (), (), ()), ("HCL Software", (), (), ()),
    ("Document Foundation, The", ("LibreOffice",), (), ()), ("Meta Platforms, Inc.", (), (), ()), ("MITRE Corporation", (), (), ()),
    ("NLnet Labs", ("Unbound DNS",), (), ()), ("PHP Group", (), (), ()), ("Samsung Mobile", ("Samsung",), (), ()), ("Snyk", (), (), ()),
    ("Synaptics, Inc.", ("Synaptics",), (), ()), ("WPScan", (), (), ()), ("JFrog", (), (), ()), ("OpenAnolis", (), (), ()),
    ("OpenNMS Group", ("OpenNMS",), (), ()), ("Qualys, Inc.", ("Qualys",), (), ()), ("Caliptra Project", (), (), ()),
    ("OTORIO LTD.", ("OTORIO",), (), ()), ("EnterpriseDB Corporation", ("EnterpriseDB",), (), ()), ("Milestone Systems A/S", (), (), ()),
    ("Jamf", (), (), ()), ("Leica Microsystems", (), (), ()), ("Intigriti", (), (), ()), ("Arxscan, Inc.", ("Arxscan",), (), ()),
    ("MontaVista Software, Inc.", ("MontaVista",), (), ()), ("Alcatel", (), (), ()), ("QNX Software Systems", ("QNX",), (), ()),
    ("Slackware", (), (), ()), ("SmoothWall", (), (), ()), ("Redback Networks, Inc.", (), (), ()), ("Nominum", (), (), ()),
    ("Riverstone Networks", (), (), ()), ("dnsmasq", (), (), ()), ("Finjan Software", (), (), ()), ("ADTRAN", (), (), ()),
    ("Sonos", (), (), ()), ("Spyrus", (), (), ()), ("Oryx Embedded", (), (), ()), ("SMC Networks, Inc.", (), (), ()),
    ("Macromedia Inc.", ("Macromedia",), (), ()), ("pfSense", (), (), ()), ("Atheros Communications Inc.", ("Atheros",), (), ()),
    ("Allied Telesis", ("アライドテレシス",), (), ()), ("沖電気工業", ("Oki Electric",), (), ()), ("シャープ株式会社", ("Sharp Aquos",), (), ()),
    ("理想科学工業", ("Riso Kagaku",), (), ()), ("リコー", ("Ricoh",), (), ()), ("オムロン株式会社", ("Omron",), (), ()),
    ("キーエンス", ("Keyence",), (), ()), ("ソニーグループ", ("Sony Group",), (), ()), ("デンソー", ("Denso Wave",), (), ()),
    ("ファナック", ("Fanuc",), (), ()), ("村田機械", ("Murata Machinery",), (), ()), ("コニカミノルタ", ("Konica Minolta",), (), ()),
    ("さくらインターネット", ("Sakura Internet",), (), ()), ("ジャストシステム", ("JustSystems",), (), ()), ("Wind River", (), (), ()),
)

# Mostly what seals fast; RSA now and then, S/MIME for every fourth.
KINDS = ("ed25519", "ed25519", "smime-p256", "ed25519", "ed25519", "ed25519", "ed25519", "smime-p256")


def japanese(text):
    return any(ord(c) >= 0x3040 for c in text)


def orgs(n):
    """The first n as `contrib/sandbox up --orgs` reads them."""
    made = []
    for i, (name, aliases, terms, common) in enumerate(NAMES[:n]):
        latin = next((w for w in (name, *aliases) if w.isascii()), "vendor %d" % i)
        slug = "".join(c if c.isalnum() else "-" for c in latin.lower()).strip("-")
        while "--" in slug:
            slug = slug.replace("--", "-")
        made.append({"slug": slug, "name": name, "domain": "%s.example" % slug, "person": "%s PSIRT" % name.replace(",", ""),
                     "kind": KINDS[i % len(KINDS)], "language": "ja" if japanese(name) else "en", "aliases": list(aliases),
                     "terms": list(terms), "common": list(common)})
    return made
