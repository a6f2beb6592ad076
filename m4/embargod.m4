# EMB_PKG(NAME, MODULES, DEBIAN-PACKAGE): pkg-config modules that must be there.
AC_DEFUN([EMB_PKG], [
PKG_CHECK_MODULES([$1], [$2], [],
  [AC_MSG_ERROR([$2 not found. On Debian: apt-get install $3])])
])

# EMB_LIB(NAME, LIBRARY, FUNCTION, HEADER, DEBIAN-PACKAGE): a library without a usable .pc file.
AC_DEFUN([EMB_LIB], [
AC_CHECK_HEADER([$4], [], [AC_MSG_ERROR([$4 not found. On Debian: apt-get install $5])])
AC_CHECK_LIB([$2], [$3], [$1_LIBS=-l$2],
  [AC_MSG_ERROR([lib$2 not found. On Debian: apt-get install $5])])
AC_SUBST([$1_LIBS])
])

# EMB_SWITCH(NAME, TEXT, DEFAULT): --enable-NAME into enable_NAME.
AC_DEFUN([EMB_SWITCH], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2 (default: $3)])], [], [enable_$1=$3])
])

# EMB_TRY(VARIABLE, FLAGS...): adds each flag that the compiler (and linker) takes to VARIABLE.
AC_DEFUN([EMB_TRY], [
for emb_flag in m4_normalize([$2]); do
  AC_MSG_CHECKING([whether $CC takes $emb_flag])
  emb_saved=$CFLAGS
  CFLAGS="$CFLAGS -Werror $emb_flag"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
    [AC_MSG_RESULT([yes]); $1="$$1 $emb_flag"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$emb_saved
done
])

# EMB_FLAGS: EMB_CFLAGS and EMB_LDFLAGS from the switches.
AC_DEFUN([EMB_FLAGS], [
AC_LANG_PUSH([C])
EMB_CFLAGS=
EMB_LDFLAGS=
EMB_TRY([EMB_CFLAGS], [-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -fno-strict-aliasing -fno-delete-null-pointer-checks])
EMB_TRY([EMB_LDFLAGS], [-Wl,--as-needed])
AS_IF([test "$enable_werror" = yes], [EMB_CFLAGS="$EMB_CFLAGS -Werror"])
emb_sanitizers=
AS_IF([test "$enable_sanitize" = yes || test "$enable_fuzz" = yes],
  [emb_sanitizers=address,undefined])
AS_IF([test "$enable_tsan" = yes], [
  AS_IF([test -n "$emb_sanitizers"], [AC_MSG_ERROR([ThreadSanitizer stands alone])])
  emb_sanitizers=thread])
AS_IF([test "$enable_fuzz" = yes], [
  EMB_CFLAGS="$EMB_CFLAGS -fsanitize=fuzzer-no-link"
  emb_fuzzer=libclang_rt.fuzzer-`uname -m`.a
  FUZZ_MAIN="`$CC -print-file-name=$emb_fuzzer` -lstdc++ -lm"])
AS_IF([test -n "$emb_sanitizers"], [
  EMB_CFLAGS="$EMB_CFLAGS -fsanitize=$emb_sanitizers -fno-omit-frame-pointer"
  AS_IF([test "$enable_tsan" != yes],
    [EMB_CFLAGS="$EMB_CFLAGS -fno-sanitize-recover=undefined"])
], [test "$enable_hardening" = yes], [
  EMB_TRY([EMB_CFLAGS], [-fPIE -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -fno-plt -ftrivial-auto-var-init=zero])
  EMB_TRY([EMB_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
  AS_CASE([" $CFLAGS "], [*' -O0 '*], [],
    [EMB_CFLAGS="$EMB_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
])
AC_SUBST([EMB_CFLAGS])
AC_SUBST([EMB_LDFLAGS])
AC_SUBST([FUZZ_MAIN])
AC_LANG_POP([C])
])
