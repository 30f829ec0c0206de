-- For wrk: POST requests to /v1/holds, each on another contact point, and at the end a line of JSON.
-- Arguments behind "--": the token, and the digits that all contact points begin with.
-- bench/gate.py calls it.
local threads = 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

function init(arguments)
    headers = {["Authorization"] = "Bearer " .. arguments[1], ["Content-Type"] = "application/json"}
    prefix = arguments[2]
    number = thread_number * 50000000
end

function request()
    number = number + 1
    local body = string.format('{"kind":"dispute","contact":"+%s%08d"}', prefix, number)
    return wrk.format("POST", "/v1/holds", headers, body)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('{"requests": %d, "refused": %d, "broken": %d, "seconds": %.3f}\n',
        summary.requests, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6))
end
