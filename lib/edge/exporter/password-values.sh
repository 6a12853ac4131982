# shellcheck shell=sh
# Prints a value with the escapes of a quoted string in curl's configuration.
quote_for_curl() {
  printf %s "$1" | sed 's/[\\"]/\\&/g'
}

# Sets $value to the content of a credentials file without the white space at its end, because `kubectl create secret
# --from-file` keeps the line break of a file. Sets $fault if the value is invalid by the rules of docs/secrets.md.
read_credential() {
  value=$(cat "$CREDENTIALS_DIR/$1")
  value=${value%"${value##*[![:space:]]}"}
  case $value in
    '') fault="the $1 is empty" ;;
    "$byte_order_mark"*) fault="the $1 starts with a byte-order mark" ;;
    [[:space:]]*) fault="the $1 starts with white space" ;;
    *[[:cntrl:]]*) fault="the $1 contains a control character or a second line" ;;
    *:*) [ "$1" = password ] || fault='the username contains a colon' ;;
  esac
}
