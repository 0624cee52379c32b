-- A load of measure.mjs: its method, body and tokens come from the environment, headers from wrk's -H. Prints one line of JSON.
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")

local tokens = {}
for token in os.getenv("TOKENS"):gmatch("%S+") do tokens[#tokens + 1] = token end
if #tokens > 0 then
  request = function()
    return wrk.format(nil, nil, { authorization = "Bearer " .. tokens[math.random(#tokens)], ["content-type"] = "application/json" })
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"duration":%f,"p99":%f,"refused":%d,"broken":%d}', summary.requests, summary.duration / 1e6,
    latency:percentile(99) / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
