-- W3: a draft a request, each under its own Idempotency-Key. Environment: TOKEN.
local thread = 0
function setup(one)
  one:set("number", thread)
  thread = thread + 1
end

function init()
  count = 0
  start = os.time()
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = [[{"title": "关于改善浈江区校车安全管理的建议", "background": "近年来，我市高度重视校车安全管理，但调研发现，校车线路覆盖不足，偏远村组学生乘坐非营运车辆上学。", "proposal": "优化校车线路和站点，逐车安装监控并公开运行信息。", "lead_department": "education"}]]
end

function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = "bench-" .. start .. "-" .. number .. "-" .. count
  return wrk.format(nil, "/api/v1/suggestions")
end

-- A refusal is quick: it must not pass for speed.
function done(summary)
  if summary.errors.status > 0 then io.write("REFUSED " .. summary.errors.status .. "\n") end
end
