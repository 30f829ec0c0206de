-- For wrk: GET requests to /cgi-bin/sendsms, each with another destination, and at the end a line
-- of JSON. Arguments behind "--": user name, password, the text and, if receipts are wanted, the URL
-- that they go to, both already encoded; the destination is put behind the URL.
-- bench/compare_speed.py calls it.
local threads = 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

function init(arguments)
    local rest = "&text=" .. arguments[3]
    if arguments[4] then
        rest = rest .. "&dlr-mask=3&dlr-url=" .. arguments[4]
    end
    before = "GET /cgi-bin/sendsms?username=" .. arguments[1] .. "&password=" .. arguments[2] ..
        "&from=Hikyaku&to="
    between = rest
    behind = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
    receipts = arguments[4] ~= nil
    number = 819000000000 + thread_number * 10000000
end

function request()
    number = number + 1
    local to = string.format("%.0f", number)
    if receipts then
        return before .. to .. between .. to .. behind
    end
    return before .. to .. between .. behind
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "refused": %d, "broken": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f}\n',
        summary.requests, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
