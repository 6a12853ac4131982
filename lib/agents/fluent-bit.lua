-- Names a line by the path of its file, and takes off the newline that Docker's format leaves at its end.
function name(tag, timestamp, record)
  local namespace, pod, container =
    string.match(record["file"] or "", "/var/log/pods/([^_/]+)_([^_/]+)_[^/]+/([^/]+)/[^/]+%.log$")
  if namespace then
    record["namespace"] = namespace
    record["pod"] = pod
    record["container"] = container
    record["job"] = namespace .. "/" .. container
  end
  if type(record["log"]) == "string" then
    record["log"] = string.gsub(record["log"], "\n$", "")
  end
  record["file"] = nil
  return 2, timestamp, record
end
