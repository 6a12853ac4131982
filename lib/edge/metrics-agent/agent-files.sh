# shellcheck shell=sh
# Functions that copy the metrics agent's files to the node's disk.
: "${SOURCE_DIRS:?folders of the pod with files for the agent}"
: "${FILES_DIR:?folder on the node with the copies that the agent reads}"

# Copies file $1 to $2 if the contents differ. A rename replaces the old file at once, so that the agent never reads an
# incomplete file.
replace_if_changed() {
  cmp -s "$1" "$2" && return
  cp "$1" "$2.new" && mv "$2.new" "$2"
}

# Copies all files of the pod to the folder on the node from which the agent reads. When EdgeCore restarts, the mounted
# folders of the pod become empty. With copies, the agent does not need a restart, which would miss a scrape.
copy_agent_files() {
  for folder in $SOURCE_DIRS; do
    copies=$FILES_DIR/${folder##*/}
    mkdir -p "$copies"
    for file in "$folder"/*; do
      [ ! -f "$file" ] || replace_if_changed "$file" "$copies/${file##*/}"
    done
  done
}
