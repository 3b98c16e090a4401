-- W7: words, common ones and rare ones, one after the other. Environment: TOKEN, BENCH_PATH (where `q` is put behind).
local words = {
  "建议", "调研", "问题", "教育", "校车", "骑楼", "养老", "网络", "公交", "食品", "医保", "非遗", "㐀", "𠮷洞", "噪声", "电梯",
  "对口联系", "老旧小区", "5G", "丝苗米", "反诈宣传", "校车 安全", "浈江区 噪声", "公共租赁住房", "珠玑镇", "采茶戏 演员",
}
local paths = {}

function init()
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  for place, word in ipairs(words) do
    local encoded = word:gsub("[^%w]", function(byte) return string.format("%%%02X", string.byte(byte)) end)
    paths[place] = os.getenv("BENCH_PATH") .. encoded
  end
end

local at = 0
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end

function done(summary, latency)
  io.write(string.format("p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
  if summary.errors.status > 0 then io.write("REFUSED " .. summary.errors.status .. "\n") end
end
