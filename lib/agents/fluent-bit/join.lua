-- Joins the lines of a multi-line event. The filters before this one have set `event` of each line: `first`
-- or `more`, a colon, and the number of seconds that an event waits for its next line. Records with `beat`
-- arrive each second; each flushes events whose wait has ended. EVENTS_FILE, which is set before this
-- program, keeps waiting events across restarts.
local MOST_LINES = 1000
local MOST_BYTES = 256 * 1024

-- Events by container and stream: record and time of the first line, all lines, and the time of the last
-- line.
local waiting = {}

local function whole(key)
  local event = waiting[key]
  waiting[key] = nil
  event.record["log"] = table.concat(event.lines, "\n")
  return 1, event.time, event.record
end

local function overdue(now)
  for key, event in pairs(waiting) do
    -- A clock that was set back must not block an event.
    if now - event.touched >= event.wait or now < event.touched then return key end
  end
end

local function begin(key, time, record, wait)
  local line = record["log"]
  waiting[key] =
    { time = time, record = record, lines = { line }, bytes = #line, wait = wait, touched = os.time() }
end

local function continue(event, line)
  event.lines[#event.lines + 1] = line
  event.bytes = event.bytes + #line + 1
  event.touched = os.time()
end

function join(tag, time, record)
  if record["beat"] then
    local key = overdue(os.time())
    if key then return whole(key) end
    return -1, time, record
  end
  local place, wait = string.match(record["event"] or "", "^(%a+):(%d+)$")
  if not place or type(record["log"]) ~= "string" then return 0, time, record end
  record["event"] = nil
  local key = record["job"] .. "/" .. record["pod"] .. "/" .. (record["stream"] or "")
  local event = waiting[key]
  if event and place == "more" and #event.lines < MOST_LINES and event.bytes < MOST_BYTES then
    continue(event, record["log"])
    return -1, time, record
  end
  if not event and place == "more" then return 1, time, record end
  local code, before, ended = -1, time, record
  if event then code, before, ended = whole(key) end
  begin(key, time, record, tonumber(wait))
  return code, before, ended
end

local function save()
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

local function load()
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

-- Called when the program exits or reloads its configuration, but not when it is killed.
local keeper = newproxy(true)
getmetatable(keeper).__gc = save
KEEPER = keeper
load()
