-- A client of wrk: asks the questions of a file in turn, as many clients of one proxy would. With a first number each
-- request gets a number of its own in a comment, so that no two texts are the same; without one they repeat.
local parts, count, number, client = {}, 0, nil, 0
local head = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/sparql-results+json\r\nX-Forwarded-For: 10.1."

function init(arguments)
  for line in io.lines(arguments[1]) do parts[#parts + 1] = "GET " .. line end
  number = tonumber(arguments[2])
end

function request()
  count = count + 1
  client = count % 4096
  local address = math.floor(client / 256) .. "." .. client % 256
  local text = parts[count % #parts + 1]
  if number then
    number = number + 1
    text = text .. "%20%23" .. string.format("%d", number) .. "%0A"
  end
  return text .. head .. address .. "\r\n\r\n"
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"answers": %d, "microseconds": %d, "bytes": %d, "refused": %d, "timeouts": %d, "broken": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration, summary.bytes, errors.status, errors.timeout,
    errors.connect + errors.read + errors.write, latency:percentile(50), latency:percentile(99)))
end
