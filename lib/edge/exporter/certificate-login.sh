# shellcheck shell=sh
# Checks the certificate and reads the password before each push, so that a renewed certificate or a new password needs
# no restart. Sets $user to an empty text if there is no password.
read_credentials() {
  fault=
  user=
  [ -r "$CERTIFICATE_FILE" ] && [ -r "$KEY_FILE" ] ||
    fault="no readable certificate of the node at $CERTIFICATE_FILE with its key at $KEY_FILE"
  if [ -n "${CREDENTIALS_DIR:-}" ] && [ -z "$fault" ]; then
    [ -r "$CREDENTIALS_DIR/username" ] && [ -r "$CREDENTIALS_DIR/password" ] ||
      fault="no readable username and password in $CREDENTIALS_DIR"
    [ -n "$fault" ] || read_credential username
    user=$value
    [ -n "$fault" ] || read_credential password
  fi
  [ -z "$fault" ] || { log_if_changed "failing: $fault"; return 1; }
}

# Prints certificate and user as curl configuration. The password is not passed as an argument, because other processes
# can see arguments.
curl_credentials() {
  printf 'cert = "%s"\nkey = "%s"\n' "$(quote_for_curl "$CERTIFICATE_FILE")" "$(quote_for_curl "$KEY_FILE")"
  [ -z "$user" ] || printf 'user = "%s:%s"\n' "$(quote_for_curl "$user")" "$(quote_for_curl "$value")"
}
