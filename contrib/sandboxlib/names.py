"""names - who the sandbox's vendors are: distinct organisations that could exist and do not."""

FIRST = ("Aldermoor", "Brightfen", "Corvanta", "Dunmarrow", "Elverstone", "Fenwick Hale", "Glasspoint", "Harrowgate",
         "Ivoryline", "Juniperus", "Kestrelite", "Lindqvist", "Marlowdyne", "Northwold", "Oakhaven", "Pellucid", "Quillon",
         "Ravenmere", "Silverdell", "Thornbury", "Umbralux", "Velorian", "Westerlund", "Xanthic", "Yarrowdale", "Zephyrine",
         "Ashgrove", "Birkhalm", "Cinderloch", "Drayholm", "Eastmarch", "Frostwick", "Gantry Lane", "Hollinshead",
         "Ingleborough", "Jorvik", "Kilnsey", "Larkfield", "Mossgarth", "Netherby")
SECOND = ("Systems", "Networks", "Software", "Devices", "Semiconductor", "Robotics", "Cloud", "Telecom", "Medical", "Automotive")

# The first six are what the tests speak of by name.
KNOWN = (("acme", "Acmeron Devices"), ("globex", "Globexia Networks"), ("initech", "Initechnia Software"),
         ("umbra", "Umbrador Systems"), ("hooli", "Hoolimar Cloud"), ("vandel", "Vandelmar Industries"))


def vendor(i):
    """(slug, name, domain, person) of the i-th vendor, from 0."""
    if i < len(KNOWN):
        slug, name = KNOWN[i]
    else:
        i -= len(KNOWN)
        first, second = FIRST[i % len(FIRST)], SECOND[i // len(FIRST) % len(SECOND)]
        again = i // (len(FIRST) * len(SECOND))
        name = "%s %s" % (first, second) + (" %d" % (again + 1) if again else "")
        slug = name.lower().replace(" ", "-")
    return slug, name, slug + ".example", name + " PSIRT"
