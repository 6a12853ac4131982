# shellcheck shell=sh
# Functions of docker-driver.sh that parse the arguments and read the files with users and passwords.

print_usage() {
  cat <<'END'
usage: docker-driver [apply | rollback | status] [--restart] [--credentials FILE] [--proxy-credentials FILE]

  apply     install the plugin and set it as log driver in daemon.json (default)
  rollback  restore the previous log driver of daemon.json, or set json-file
  status    compare plugin and daemon.json with the expected state; exit code 3 if
            apply or a restart of Docker is needed

  --restart           restart Docker if something changed; without this option, print
                      that a restart is needed
  --credentials FILE  file with user and password for Loki, in two lines or as
                      user:password; - reads standard input. Not needed if daemon.json
                      contains them
  --proxy-credentials FILE  file with user and password for the proxy, in the same format
END
}

# Prints an error about an argument, and the usage. The text after an equals sign can be a misplaced secret and is not
# printed.
exit_with_usage() {
  printf 'docker-driver: unexpected argument: %s\n' "${1%%=*}" >&2
  print_usage >&2
  exit 2
}

# Sets $command, $restart, $credentials and $proxy_credentials.
parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      apply | rollback | status) command=$1 ;;
      --restart) restart=yes ;;
      --credentials)
        [ $# -gt 1 ] || exit_with_usage '--credentials without FILE'
        credentials=$2
        shift
        ;;
      --proxy-credentials)
        [ $# -gt 1 ] || exit_with_usage '--proxy-credentials without FILE'
        proxy_credentials=$2
        shift
        ;;
      --help) print_usage; exit 0 ;;
      *) exit_with_usage "$1" ;;
    esac
    shift
  done
}

# Reads user and password and sets $read to user:password, percent-encoded. Arguments: name of the option, for errors; a
# file, - for standard input, or empty.
read_userinfo() {
  read=
  case $2 in
    '') return ;;
    -) read=$(encode_userinfo) && return ;;
    *)
      [ -r "$2" ] || fail "$1 $2: the file does not exist or is not readable"
      read=$(encode_userinfo <"$2") && return
      ;;
  esac
  fail "$1 $2: the file must contain the user in the first line and the password in the second one, or user:password \
in a single line; the user must not contain a colon, and neither value may start with white space or a byte-order mark, or \
contain control characters"
}

# Sets $userinfo and $proxy_userinfo from the options.
read_credentials() {
  read_userinfo --credentials "$credentials"
  userinfo=$read
  [ -z "$proxy_credentials" ] || [ -n "$PROXY" ] ||
    fail '--proxy-credentials: the script has no proxy; generate the script with --proxy'
  read_userinfo --proxy-credentials "$proxy_credentials"
  proxy_userinfo=$read
}

# Reads user and password from standard input and prints them percent-encoded, as user:password.
encode_userinfo() {
  od -An -v -tx1 | awk "$CREDENTIALS_ENCODER"
}
