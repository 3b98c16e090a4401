// Runs the Postman collection against the demo server at $BASE, as one account of each kind.
import { promisify } from "node:util";
import newman from "newman";
import { read } from "./document.mjs";

const { BASE, LIAISON_DEMO_PASSWORD } = process.env;
// Those who change organizations and accounts come last: the others' must still be there.
const ACCOUNTS = ["party-minge", "department-education", "government-office", "auditor", "coordinator", "admin", "security-admin"];

async function call(path, init) {
  const response = await fetch(`${BASE}${path}`, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const collection = read("openapi/liaison.postman_collection.json");
const leaves = (items) => items.flatMap((item) => (item.item ? leaves(item.item) : [item]));
// A stream has no end.
const endless = (item) => item.event[0].script.exec[0].includes("text/event-stream");
const requests = leaves(collection.item).filter((item) => !endless(item));
collection.item = requests;

let failed = 0;
let asserted = 0;
let succeeded = 0;
for (const username of ACCOUNTS) {
  const { access_token } = await call("/api/v1/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password: LIAISON_DEMO_PASSWORD }),
  });
  const { role } = await call("/api/v1/me", { headers: { Authorization: `Bearer ${access_token}` } });
  const { run } = await promisify(newman.run)({
    collection,
    envVar: [
      { key: "baseUrl", value: BASE },
      { key: "bearerToken", value: access_token },
      { key: "role", value: role },
    ],
    reporters: [],
    timeoutRequest: 20_000,
  });
  asserted += run.stats.assertions.total;
  succeeded += run.executions.filter(({ response }) => response?.code < 300).length;
  failed += run.failures.length;
  for (const { source, error } of run.failures) console.log(`${username}: ${source?.name}: ${error.test ?? ""}: ${error.message}`);
}
console.log(`summary: ${requests.length} operations as ${ACCOUNTS.length} accounts, ${succeeded} successes, ${asserted} assertions, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
