# shellcheck shell=sh
# Reads them at each push, so that a renewed certificate and a new password need no restart.
read_credentials() {
  fault=
  user=
  [ -r "$CERTIFICATE_FILE" ] && [ -r "$KEY_FILE" ] ||
    fault="no readable certificate of the node at $CERTIFICATE_FILE with its key at $KEY_FILE"
  if [ -n "${CREDENTIALS_DIR:-}" ] && [ -z "$fault" ]; then
    [ -r "$CREDENTIALS_DIR/username" ] && [ -r "$CREDENTIALS_DIR/password" ] ||
      fault="no readable username and password in $CREDENTIALS_DIR"
    [ -n "$fault" ] || read_value username
    user=$value
    [ -n "$fault" ] || read_value password
  fi
  [ -z "$fault" ] || { report "failing: $fault"; return 1; }
}

# Prints certificate and user as curl configuration: a password is never an argument, which other processes
# could see.
credentials() {
  printf 'cert = "%s"\nkey = "%s"\n' "$(quoted "$CERTIFICATE_FILE")" "$(quoted "$KEY_FILE")"
  [ -z "$user" ] || printf 'user = "%s:%s"\n' "$(quoted "$user")" "$(quoted "$value")"
}
