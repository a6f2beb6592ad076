# lib.sh - what the scripts of contrib/ share. Source it; it sets TOP, the top of the tree.
# shellcheck shell=sh

TOP=$(cd "$(dirname "$0")/.." && pwd)

# packages_missing GROUP...: names from contrib/packages that are not there.
packages_missing() {
	for group in "$@"; do
		sed 's/#.*//' "$TOP/contrib/packages" | while read -r name of _; do
			[ "$of" = "$group" ] || continue
			case $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) in
			*" installed") ;;
			# A program of that name will do: npm may have come with another vendor's nodejs.
			*) command -v "$name" >/dev/null || echo "$name" ;;
			esac
		done
	done
}

# packages_install GROUP...: installs what is missing, as root; says what to do otherwise.
packages_install() {
	missing=$(packages_missing "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "missing, install as root: apt-get install $missing" >&2
		return 1
	fi
	echo "installing $missing"
	apt-get -q update || return
	# shellcheck disable=SC2086 # one word for each package
	DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
}

# build_tree DIRECTORY [CONFIGURE-ARGUMENT...]: bootstrap where needed, configure, make.
build_tree() {
	directory=$1
	shift
	if ! [ -x "$TOP/configure" ] || [ -n "$(find "$TOP/configure.ac" "$TOP/m4" -newer "$TOP/configure")" ]; then
		"$TOP/bootstrap" || return
	fi
	mkdir -p "$directory" && cd "$directory" || return
	[ -f Makefile ] || "$TOP/configure" -q "$@" || return
	make -j2
}
