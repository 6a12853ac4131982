# shellcheck shell=sh
# Prints why a push was rejected. Arguments: the HTTP status.
describe_rejection() {
  case $1 in
    401 | 403) echo "HTTP $1, check the Secret of the credentials" ;;
    413) echo "HTTP 413, the request body is larger than the limit of the ingress: $(first_response_line)" ;;
    5??) echo "HTTP $1" ;;
    *) printf 'HTTP %s, %s\n' "$1" "$(first_response_line)" ;;
  esac
}
