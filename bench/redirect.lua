-- For wrk: GET requests for links drawn at random, as a phone's browser sends them, and at the end
-- one line of JSON. Arguments behind "--": a file with one path a line. bench/redirect.py calls it
-- for the gateway and for nginx alike.
function init(arguments)
    paths = {}
    for line in io.lines(arguments[1]) do
        paths[#paths + 1] = "GET " .. line
    end
    count = #paths
    math.randomseed(os.time())
    behind = " HTTP/1.1\r\nHost: pay.example\r\n" ..
        "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15" ..
        " (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1\r\n" ..
        "Accept: text/html,application/xhtml+xml\r\nAccept-Language: ja-JP\r\n\r\n"
end

function request()
    return paths[math.random(count)] .. behind
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "refused": %d, "broken": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f}\n',
        summary.requests, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
