# shellcheck shell=sh
# How scripts of the edge give the metrics agent its files.
: "${SOURCE_DIRS:?folders of the pod with files for the agent}"
: "${FILES_DIR:?folder of the host with the copies that the agent reads}"

# The file is replaced in one step, so that the agent never reads half a file.
replace() {
  cmp -s "$1" "$2" && return
  cp "$1" "$2.new" && mv "$2.new" "$2"
}

# The agent reads copies: after a restart of EdgeCore, folders of its pod are empty until the agent restarts,
# which costs a scrape.
provide() {
  for folder in $SOURCE_DIRS; do
    copies=$FILES_DIR/${folder##*/}
    mkdir -p "$copies"
    for file in "$folder"/*; do
      [ ! -f "$file" ] || replace "$file" "$copies/${file##*/}"
    done
  done
}
