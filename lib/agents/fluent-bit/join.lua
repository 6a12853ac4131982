-- Joins the lines of multi-line events. The filters before this one have set the field `event` of each line, such as
-- `first:3` or `more:3`: whether the line starts or continues an event, and the number of seconds for which an event waits
-- for its next line. Each second, 20 records with the field `beat` arrive. Each of them flushes one event whose wait has
-- ended. The file EVENTS_FILE, whose path is set in front of this script, keeps waiting events across restarts.
local MOST_LINES = 1000
local MOST_BYTES = 256 * 1024

-- Waiting events by container and stream. An event has the record and the time of its first line, all lines, and the time
-- at which the last line arrived.
local waiting = {}

-- Removes an event and returns it as a record.
local function remove_event(key)
  local event = waiting[key]
  waiting[key] = nil
  event.record["log"] = table.concat(event.lines, "\n")
  return 1, event.time, event.record
end

-- Returns the key of an event whose wait has ended, if there is one.
local function find_overdue_event(now)
  for key, event in pairs(waiting) do
    -- If the clock was set back, the event is flushed at once. It would otherwise wait until the clock catches up.
    if now - event.touched >= event.wait or now < event.touched then return key end
  end
end

-- Starts an event with its first line.
local function start_event(key, time, record, wait)
  local line = record["log"]
  waiting[key] =
    { time = time, record = record, lines = { line }, bytes = #line, wait = wait, touched = os.time() }
end

-- Adds a line to an event.
local function add_line(event, line)
  event.lines[#event.lines + 1] = line
  event.bytes = event.bytes + #line + 1
  event.touched = os.time()
end

-- Called by Fluent Bit for each record.
function join_line(tag, time, record)
  if record["beat"] then
    local key = find_overdue_event(os.time())
    if key then return remove_event(key) end
    return -1, time, record
  end
  local place, wait = string.match(record["event"] or "", "^(%a+):(%d+)$")
  if not place or type(record["log"]) ~= "string" then return 0, time, record end
  record["event"] = nil
  local key = record["job"] .. "/" .. record["pod"] .. "/" .. (record["stream"] or "")
  local event = waiting[key]
  if event and place == "more" and #event.lines < MOST_LINES and event.bytes < MOST_BYTES then
    add_line(event, record["log"])
    return -1, time, record
  end
  if not event and place == "more" then return 1, time, record end
  local code, before, ended = -1, time, record
  if event then code, before, ended = remove_event(key) end
  start_event(key, time, record, tonumber(wait))
  return code, before, ended
end

-- Writes the waiting events to EVENTS_FILE, as a Lua program.
local function save_events()
  local file = next(waiting) and io.open(EVENTS_FILE, "w")
  if not file then return end
  file:write("return {\n")
  for key, event in pairs(waiting) do
    file:write(string.format("[%q] = { time = { sec = %d, nsec = %d }, wait = %d, ", key, event.time.sec, event.time.nsec, event.wait))
    file:write(string.format("log = %q, record = {", table.concat(event.lines, "\n")))
    for field, value in pairs(event.record) do
      if type(value) == "string" then file:write(string.format("[%q] = %q, ", field, value)) end
    end
    file:write("} },\n")
  end
  file:write("}\n")
  file:close()
end

-- Reads the waiting events from EVENTS_FILE.
local function load_events()
  local found, events = pcall(dofile, EVENTS_FILE)
  os.remove(EVENTS_FILE)
  for key, event in pairs(found and events or {}) do
    local lines = {}
    for line in string.gmatch(event.log .. "\n", "(.-)\n") do lines[#lines + 1] = line end
    waiting[key] = {
      time = event.time, record = event.record, lines = lines,
      bytes = #event.log, wait = event.wait, touched = os.time(),
    }
  end
end

-- When Fluent Bit exits or reloads, Lua collects this object and calls `save_events`. After a kill, waiting events are lost.
local keeper = newproxy(true)
getmetatable(keeper).__gc = save_events
KEEPER = keeper
load_events()
