-- Sets the labels of a line from the path of its file, removes the newline that Docker's format leaves at the end of a
-- line, and drops lines that were already sent. Fluent Bit loses its position in a file that was rotated while it ran, and
-- reads the file from the beginning after a restart. The file MARKS_FILE, whose path is set in front of this script, keeps
-- the timestamp of the last line of each container.
local INTERVAL = 60
local OLDEST = 9 * 86400
-- Fluent Bit reads rotated files before current files. If lines arrived in this number of seconds and none was from a
-- rotated file, all rotated files have been read to their ends.
local QUIET = 300

-- Timestamps of the newest line by container: at the last start (before), in current files (newest), and in rotated files
-- while these are read (late).
local before, newest, late = {}, {}, {}
local settled = {}
local written, second, quiet = os.time(), os.time(), 0

-- Reads the timestamps from MARKS_FILE.
local function load_marks()
  local file = io.open(MARKS_FILE)
  if not file then return end
  for line in file:lines() do
    local at, folder = string.match(line, "^(%S+) (.+)$")
    -- A timestamp in the future was written while the clock was ahead. It does not show which lines were sent.
    if at and tonumber(at) <= os.time() + 60 then before[folder] = tonumber(at) end
  end
  file:close()
end

-- Saves the timestamps as they were at the previous call, because Fluent Bit may not have stored the lines since then.
local function save_marks(now)
  if now >= written and now - written < INTERVAL then return end
  written = now
  local file = io.open(MARKS_FILE .. ".new", "w")
  if not file then return end
  for folder, at in pairs(settled) do
    if now - at < OLDEST then file:write(string.format("%.6f %s\n", at, folder)) end
  end
  if file:close() then os.rename(MARKS_FILE .. ".new", MARKS_FILE) end
  settled = {}
  for folder, at in pairs(newest) do settled[folder] = at end
  for folder, at in pairs(late) do settled[folder] = at end
end

-- Runs periodic work, at most once a second.
local function run_periodic_work()
  local now = os.time()
  if now == second then return end
  second = now
  quiet = quiet + 1
  if quiet > QUIET then late = {} end
  save_marks(now)
end

-- Returns whether a line was sent before the last start.
local function was_sent_before(path, folder, timestamp)
  if string.match(path, "%.log$") then
    -- A line that is older than the previous one is from a rotated file. Fluent Bit has not noticed the rotation yet and
    -- reports the name of the new file.
    if timestamp >= (newest[folder] or 0) or newest[folder] > os.time() + 60 then newest[folder] = timestamp
    else late[folder], quiet = timestamp, 0 end
    return false
  end
  quiet = 0
  if before[folder] and timestamp <= before[folder] then return true end
  late[folder] = timestamp
  return false
end

-- Called by Fluent Bit for each record.
function label_line(tag, timestamp, record)
  run_periodic_work()
  if record["beat"] then return 0, timestamp, record end
  local path = record["file"] or ""
  local folder, namespace, pod, container =
    string.match(path, "/var/log/pods/(([^_/]+)_([^_/]+)_[^/]+/([^/]+))/[^/]+%.log")
  if folder then
    if was_sent_before(path, folder, timestamp) then return -1, timestamp, record end
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

load_marks()
for folder, at in pairs(before) do newest[folder], settled[folder] = at, at end
