# shellcheck shell=sh
# What the script is called with: a command, options, and the files of users and passwords. No part of this is a program
# alone: docker-driver.sh calls it.

usage() {
  cat <<'END'
usage: docker-driver [apply | rollback | status] [--restart] [--credentials FILE] [--proxy-credentials FILE]

  apply     install the plugin, make it the default of daemon.json (default)
  rollback  go back to what daemon.json said before, or to json-file
  status    say what there is; exit code 3 when apply, or a restart, is needed

  --restart           restart Docker when something changed; without it, it is only said
  --credentials FILE  the user and the password for Loki, in two lines or as user:password;
                      - reads standard input. Not needed when daemon.json holds them
  --proxy-credentials FILE  the same for the proxy, where it asks for a password
END
}

# The text after an equals sign may be a misplaced secret, so it is not printed.
misuse() {
  printf 'docker-driver: %s is not understood\n' "${1%%=*}" >&2
  usage >&2
  exit 2
}

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      apply | rollback | status) command=$1 ;;
      --restart) restart=yes ;;
      --credentials)
        [ $# -gt 1 ] || misuse '--credentials without a file'
        credentials=$2
        shift
        ;;
      --proxy-credentials)
        [ $# -gt 1 ] || misuse '--proxy-credentials without a file'
        proxy_credentials=$2
        shift
        ;;
      --help) usage; exit 0 ;;
      *) misuse "$1" ;;
    esac
    shift
  done
}

# Reads the user and the password from a file or standard input, and sets $read to the encoded values.
read_userinfo() {
  read=
  case $2 in
    '') return ;;
    -) read=$(encode) && return ;;
    *)
      [ -r "$2" ] || fail "the file of $1, $2, is not there or cannot be read"
      read=$(encode <"$2") && return
      ;;
  esac
  fail "$1 $2: it has to hold a user without a colon in one line and a password in the \
next, or user:password in a single line, without a byte-order mark, white space before them or control characters"
}

read_credentials() {
  read_userinfo --credentials "$credentials"
  userinfo=$read
  [ -z "$proxy_credentials" ] || [ -n "$PROXY" ] ||
    fail '--proxy-credentials: there is no proxy, print the script with --proxy'
  read_userinfo --proxy-credentials "$proxy_credentials"
  proxy_userinfo=$read
}

encode() {
  od -An -v -tx1 | awk "$CREDENTIALS_ENCODER"
}
