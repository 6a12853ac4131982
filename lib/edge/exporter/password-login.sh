# shellcheck shell=sh
# Reads user and password before each push, so that a new password needs no restart.
read_credentials() {
  fault=
  [ -r "$CREDENTIALS_DIR/username" ] && [ -r "$CREDENTIALS_DIR/password" ] ||
    fault='no readable username and password'
  [ -n "$fault" ] || read_credential username
  user=$value
  [ -n "$fault" ] || read_credential password
  [ -z "$fault" ] ||
    { log_if_changed "failing: $fault in $CREDENTIALS_DIR, check the Secret of the credentials"; return 1; }
}

# Prints user and password as curl configuration. They are not passed as arguments, because other processes can see
# arguments.
curl_credentials() {
  printf 'user = "%s:%s"\n' "$(quote_for_curl "$user")" "$(quote_for_curl "$value")"
}
