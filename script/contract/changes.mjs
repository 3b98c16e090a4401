// Compares openapi/openapi.json with the last released document. A change that breaks clients fails until
// openapi/changes.json declares it: a list of {"at", "why"}, where "at" is a JSON Pointer into the document, or the
// beginning of one, and a segment may be *. An entry that nothing needs fails, too.
import { existsSync } from "node:fs";
import { apiCompare } from "api-smart-diff";
import { operations, read } from "./document.mjs";

const RELEASED = "openapi/released.json";
if (!existsSync(RELEASED)) {
  console.log("summary: nothing is released yet (script/openapi --release)");
  process.exit(0);
}
const before = read(RELEASED);
const after = read("openapi/openapi.json");
const declared = read("openapi/changes.json").map((entry) => ({ ...entry, used: false }));
const pointer = (path) => path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** An answer may come to use fewer types than before, never others; the comparison judges types as in requests. */
function widensAnswer({ path, before: was, after: is }) {
  if (!path.includes("responses") || path.at(-1) !== "type") return false;
  const old = [was].flat();
  return ![is].flat().every((type) => old.includes(type) || (type === "integer" && old.includes("number")));
}

// What stands under components counts where it is used.
const broken = apiCompare(before, after)
  .diffs.filter((diff) => diff.path[0] !== "components" && (diff.type === "breaking" || widensAnswer(diff)))
  .map(({ path, action, description }) => ({ at: pointer(path), what: `${action}: ${description ?? ""}` }));

// What generated clients and callers rest on, and the comparison does not know of.
const now = new Map(operations(after).map((one) => [`${one.method} ${one.path}`, one.operation]));
for (const { path, method, operation } of operations(before)) {
  const is = now.get(`${method} ${path}`);
  if (!is) continue;
  const gone = operation["x-roles"].length === 0 ? is["x-roles"] : operation["x-roles"].filter((role) => is["x-roles"].length > 0 && !is["x-roles"].includes(role));
  if (gone.length > 0) broken.push({ at: pointer(["paths", path, method, "x-roles"]), what: `closed to callers: ${gone.join(", ")}` });
  if (is.operationId !== operation.operationId) broken.push({ at: pointer(["paths", path, method, "operationId"]), what: "renamed" });
}

const covers = (entry, at) => {
  const [wanted, is] = [entry.at.split("/"), at.split("/")];
  return wanted.length <= is.length && wanted.every((part, i) => part === "*" || part === is[i]);
};
const faults = [];
for (const { at, what } of broken) {
  const entries = declared.filter((entry) => covers(entry, at));
  entries.forEach((entry) => (entry.used = true));
  if (entries.length === 0) faults.push(`breaks clients and is not declared in openapi/changes.json: ${at} (${what})`);
}
for (const { at, why, used } of declared) {
  if (!used) faults.push(`openapi/changes.json declares what did not change: ${at}`);
  if (!why?.trim()) faults.push(`openapi/changes.json does not say why: ${at}`);
}
faults.forEach((fault) => console.log(fault));
console.log(`summary: ${broken.length} breaking changes since ${before.info.version}, ${declared.length} declared`);
process.exit(faults.length === 0 ? 0 : 1);
